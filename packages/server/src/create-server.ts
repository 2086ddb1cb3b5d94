import { randomBytes } from "node:crypto";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { API_MAJOR } from "@stigmer/api";
import { type ComponentEnvironment, type Logger, type Redactor, roleModule } from "@stigmer/lifecycle";
import { createRoutes } from "./create-routes.ts";
import { systemClock } from "./engine/clock.ts";
import { createEngine, type Engine } from "./engine/engine.ts";
import type { ResolveDefinition } from "./engine/execution-spec.ts";
import { DEFAULT_RETENTION, Retention } from "./engine/retention.ts";
import { createEventGateway, withEventGateway } from "./events/event-gateway.ts";
import { resolveChild } from "./executions/resolve-child.ts";
import { type CreateGateParams, createGate } from "./http/gate.ts";
import type { RequestHandler } from "./http/listener.ts";
import { type OpenPort, openPort } from "./http/open-port.ts";
import { openSocket } from "./http/open-socket.ts";
import { readTls } from "./http/read-tls.ts";
import type { Door } from "./http/request-guard.ts";
import { createTokenBook } from "./http/token-book.ts";
import { createUpgradeGate } from "./http/upgrade-gate.ts";
import { probeServer } from "./probe-server.ts";
import { readManifest } from "./resources/read-manifest.ts";
import { createCallHandler } from "./rpc/call-handler.ts";
import type { ReportUnexpected } from "./rpc/error-interceptor.ts";
import { createRequestValidator } from "./rpc/validation-interceptor.ts";
import { carryFrames } from "./runners/carry-frames.ts";
import { Schedules } from "./schedules/schedules.ts";
import { openVault } from "./secrets/open-vault.ts";
import { readOrMakePrivateFile } from "./secrets/private-file.ts";
import { sealWith } from "./secrets/seal-with.ts";
import type { Vault } from "./secrets/vault.ts";
import { openDatabase } from "./store/open-database.ts";
import type { Store } from "./store/store.ts";
import { describeRetention } from "./system/describe-retention.ts";
import { toRunnerStatus } from "./system/system-status.ts";

/** What a server is made from. */
export interface CreateServerParams {
  readonly environment: ComponentEnvironment;
  readonly log: Logger;
  readonly redactor: Redactor;
  /** The server cannot go on: memory and disk no longer agree. */
  readonly onFailure: (error: Error) => void;
}

/** A server that serves. */
export interface OpenServer {
  /** `127.0.0.1:7234` and the like, or `https://host:7234` where TLS is spoken. */
  readonly address: string;
  readonly socket: string;
  readonly store: Store;
  readonly engine: Engine;
  /** Ends open calls, takes no new ones, brings everything to the disk; at most 5 s. */
  close(): Promise<void>;
}

/** How long open calls may take to end, ms. */
const DRAIN_MS = 2_000;

/**
 * Puts the server together and opens it: lock and database, vault, services, socket, port. It has answered a call of
 * its own when this resolves. What was opened is closed again when a later step fails.
 *
 * @throws {StigmerError} DATA_IN_USE, SCHEMA_TOO_NEW, SECRET_UNREADABLE, SOCKET_IN_USE, PORT_IN_USE, INSECURE_BIND,
 *   CONFIGURATION_INVALID for files of TLS that do not fit
 */
export async function createServer(params: CreateServerParams): Promise<OpenServer> {
  const { environment } = params;
  const { paths } = environment;
  const cleanup = new AsyncDisposableStack();
  try {
    const tls = environment.tls === undefined ? {} : { tls: readTls(environment.tls) };
    const clientToken = readClientToken(paths.clientToken);
    params.redactor.add(clientToken);
    const store = await openDatabase({
      dataDir: paths.data,
      home: paths.home,
      writerFile: roleModule("writer"),
    });
    cleanup.defer(() => store.close());
    store.onFailure(params.onFailure);
    const vault = await openVault(paths.secretKey, store);
    const resolveDefinition: ResolveDefinition = (request) => resolveChild(store, request);
    const engine = createEngine({ store, resolveDefinition, seal: sealWith(vault) });
    const retention = keepRetention(params, store);
    cleanup.defer(() => retention.stop());
    const stopping = new AbortController();
    const schedules = keepSchedules(params, store, engine);
    const handler = await createHandler({ ...params, store, vault, engine, schedules, stopping: stopping.signal });
    const tokens = createTokenBook(clientToken, environment.runnerTokensFile);
    const log: CreateGateParams["log"] = (message, fields) => params.log.warn(message, fields);
    const gate = (door: Door): RequestHandler => createGate({ door, tokens, serve: handler, log });
    const onError = (error: unknown) => params.log.warn("closed a runner's stream", { error });
    const runnerGate = createUpgradeGate({
      door: { kind: "socket" },
      tokens,
      log,
      carry: (stream, caller) => carryFrames({ engine, caller, socket: stream, stopping: stopping.signal, onError }),
    });
    const socket = await openSocket(environment.socket, gate({ kind: "socket" }), runnerGate);
    cleanup.defer(() => socket.close(DRAIN_MS));
    const port = await openPort({ host: environment.host, port: environment.port, makeHandler: gate, ...tls });
    cleanup.defer(() => port.close(DRAIN_MS));
    cleanup.defer(() => stopping.abort());
    cleanup.defer(() => engine.stop(DRAIN_MS));
    cleanup.defer(() => schedules.stop());
    await schedules.start();
    await probeServer(environment.socket, API_MAJOR);
    const opened = cleanup.move();
    return {
      address: addressOf(port, environment),
      socket: environment.socket,
      store,
      engine,
      close: () => opened.disposeAsync(),
    };
  } catch (error) {
    await cleanup.disposeAsync();
    throw error;
  }
}

/** A port in clear is told without its scheme. */
function addressOf({ host, port }: OpenPort, { tls }: ComponentEnvironment): string {
  return `${tls === undefined ? "" : "https://"}${host.includes(":") ? `[${host}]` : host}:${port}`;
}

/** Removes what is old enough, with the workspaces of executions that go. */
function keepRetention(params: CreateServerParams, store: Store): Retention {
  const { workspaces } = params.environment.paths;
  const onRemoved = (ids: readonly string[]) => {
    for (const id of ids) rmSync(join(workspaces, id), { recursive: true, force: true });
  };
  const retention = new Retention({ store, clock: systemClock, onRemoved });
  retention.start((error) => params.log.warn("a retention pass was cut off", { error }));
  return retention;
}

function keepSchedules(params: CreateServerParams, store: Store, engine: Engine): Schedules {
  const onError = (error: unknown) => params.log.error("a look at the schedules failed", { error });
  return new Schedules({ store, engine, clock: systemClock, onError });
}

function readClientToken(path: string): string {
  const text = readOrMakePrivateFile(path, () => Buffer.from(`${randomBytes(32).toString("hex")}\n`));
  return text.toString("latin1").trim();
}

interface CreateHandlerParams extends CreateServerParams {
  readonly store: Store;
  readonly vault: Vault;
  readonly engine: Engine;
  readonly schedules: Schedules;
  readonly stopping: AbortSignal;
}

async function createHandler(params: CreateHandlerParams) {
  const { store, vault, engine, schedules, stopping } = params;
  const { paths } = params.environment;
  const validator = createRequestValidator();
  const nowMs = () => Date.now();
  const routes = createRoutes({
    store,
    engine,
    vault,
    readManifest,
    nowMs,
    home: paths.home,
    redact: (value) => params.redactor.add(value),
    onChanged: async (kind) => (kind === "Workflow" ? schedules.look() : undefined),
    stopping,
    status: {
      read: store.read,
      paths,
      startedAtMs: nowMs(),
      runners: () => engine.stats().runners.map(toRunnerStatus),
      retention: describeRetention(DEFAULT_RETENTION),
    },
  });
  const reportUnexpected: ReportUnexpected = (error, method) =>
    params.log.error("a call failed unexpectedly", { method, error });
  return withEventGateway(
    createEventGateway({ engine, reportUnexpected }),
    createCallHandler({ routes, validator, stopping, reportUnexpected }),
  );
}
