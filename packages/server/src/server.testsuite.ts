import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { type IncomingHttpHeaders, type OutgoingHttpHeaders, request } from "node:http";
import { connect as connectSocket, type Socket } from "node:net";
import { join } from "node:path";
import type { DescService } from "@bufbuild/protobuf";
import { type Client, createClient, type Interceptor } from "@connectrpc/connect";
import { createConnectTransport, createGrpcTransport, createGrpcWebTransport } from "@connectrpc/connect-node";
import { BINARY_OPTIONS, fromConnectError, type StigmerError } from "@stigmer/api";
import {
  type ComponentEnvironment,
  createLogger,
  createRedactor,
  type Logger,
  readComponentEnvironment,
} from "@stigmer/lifecycle";
import { createServer, type OpenServer } from "./create-server.ts";
import { makeTestFolder } from "./test-folder.testsuite.ts";

/** A real server in this process, on a free port, in a home of its own. */
export interface TestServer {
  readonly home: string;
  readonly environment: ComponentEnvironment;
  readonly port: number;
  readonly token: string;
  /** Lines of its log. */
  readonly logs: readonly string[];
  readonly log: Logger;
  readonly server: OpenServer;
  /** A client over the socket, as the command line has it. */
  client<S extends DescService>(service: S): Client<S>;
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Runner tokens of every test server. */
export const RUNNER_TOKEN = "runner-token-of-the-tests-000000";

/** How a server of a test differs. */
export interface TestServerOptions {
  /** Starts it again on what a former one left. */
  readonly home?: string;
  readonly variables?: Readonly<Record<string, string>>;
}

/** Starts a server. */
export async function startTestServer(options: TestServerOptions = {}): Promise<TestServer> {
  const home = options.home ?? makeTestFolder();
  const runnerTokens = join(home, "runner-tokens");
  writeFileSync(runnerTokens, `workflow-runner ${RUNNER_TOKEN}\nagent-runner ${RUNNER_TOKEN}-agents\n`, {
    mode: 0o600,
  });
  const environment = readComponentEnvironment({
    STIGMER_HOME: home,
    STIGMER_PORT: "0",
    STIGMER_RUNNER_TOKENS_FILE: runnerTokens,
    ...options.variables,
  });
  const logs: string[] = [];
  const redactor = createRedactor();
  const log = createLogger({ component: "server", level: "debug", redactor, write: (line) => logs.push(line) });
  const server = await createServer({ environment, log, redactor, onFailure: (error) => logs.push(String(error)) });
  const port = Number(server.address.split(":").at(-1));
  const close = async () => {
    await server.close();
    if (options.home === undefined) rmSync(home, { recursive: true, force: true });
  };
  return {
    home,
    environment,
    port,
    token: readFileSync(environment.paths.clientToken, "utf8").trim(),
    logs,
    log,
    server,
    client: (service) => clientOf(service, "socket", { socketPath: server.socket }),
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** A home that outlives one server. */
export function makeHome(): { readonly home: string } & Disposable {
  const home = makeTestFolder();
  mkdirSync(home, { recursive: true });
  return { home, [Symbol.dispose]: () => rmSync(home, { recursive: true, force: true }) };
}

/** How a client reaches the server. */
export interface ReachParams {
  readonly socketPath?: string;
  readonly port?: number;
  readonly token?: string;
}

/** A client over one of the protocols that the port speaks. */
export function clientOf<S extends DescService>(
  service: S,
  protocol: "socket" | "connect" | "connect-json" | "connect-h2" | "grpc" | "grpc-web",
  reach: ReachParams,
): Client<S> {
  const interceptors: Interceptor[] = [];
  const binaryOptions = BINARY_OPTIONS;
  if (reach.token !== undefined) interceptors.push(withToken(reach.token));
  const baseUrl = reach.port === undefined ? "http://localhost" : `http://127.0.0.1:${reach.port}`;
  const viaSocket = reach.socketPath === undefined ? {} : { socketPath: reach.socketPath };
  const h2 = { createConnection: () => connectSocket(reach.socketPath ?? "") };
  const nodeOptions = reach.socketPath === undefined ? {} : h2;
  switch (protocol) {
    case "socket":
    case "connect":
      return createClient(
        service,
        createConnectTransport({
          baseUrl,
          httpVersion: "1.1",
          interceptors,
          binaryOptions,
          useBinaryFormat: true,
          nodeOptions: viaSocket,
        }),
      );
    case "connect-json":
      return createClient(
        service,
        createConnectTransport({
          baseUrl,
          httpVersion: "1.1",
          interceptors,
          binaryOptions,
          useBinaryFormat: false,
          nodeOptions: viaSocket,
        }),
      );
    case "connect-h2":
      return createClient(
        service,
        createConnectTransport({ baseUrl, httpVersion: "2", interceptors, binaryOptions, nodeOptions }),
      );
    case "grpc":
      return createClient(service, createGrpcTransport({ baseUrl, interceptors, binaryOptions, nodeOptions }));
    case "grpc-web":
      return createClient(
        service,
        createGrpcWebTransport({ baseUrl, httpVersion: "1.1", interceptors, binaryOptions, nodeOptions: viaSocket }),
      );
  }
}

/** The error of a call that must fail, as a client sees it. */
export async function failureOf(call: Promise<unknown>): Promise<StigmerError> {
  try {
    await call;
  } catch (error) {
    return fromConnectError(error);
  }
  throw new Error("Cannot go on: the call succeeded");
}

function withToken(token: string): Interceptor {
  return (next) => (call) => {
    call.header.set("authorization", `Bearer ${token}`);
    return next(call);
  };
}

/** A plain HTTP answer. */
export interface PlainResponse {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** A plain HTTP/1.1 request to the port, with exactly these headers. */
export function plainRequest(
  port: number,
  path: string,
  options: { readonly method?: string; readonly headers?: OutgoingHttpHeaders; readonly body?: string | Buffer } = {},
): Promise<PlainResponse> {
  return new Promise((resolve, reject) => {
    const call = request(
      {
        host: "127.0.0.1",
        port,
        path,
        method: options.method ?? "POST",
        agent: false,
        ...(options.headers ? { headers: options.headers } : {}),
      },
      (response) => {
        const parts: Buffer[] = [];
        response.on("data", (part: Buffer) => parts.push(part));
        response.on("end", () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            body: Buffer.concat(parts).toString("utf8"),
          }),
        );
      },
    );
    call.on("error", reject);
    call.end(options.body);
  });
}

/** A raw connection to the port; `closed` resolves with everything that came back. */
export function rawConnection(
  port: number,
  bytes: Buffer | string,
  host = "127.0.0.1",
): { readonly socket: Socket; readonly closed: Promise<Buffer> } {
  const socket = connectSocket(port, host);
  const parts: Buffer[] = [];
  socket.on("data", (part: Buffer) => parts.push(part)).on("error", () => {});
  socket.write(bytes);
  const closed = new Promise<Buffer>((resolve) => socket.once("close", () => resolve(Buffer.concat(parts))));
  return { socket, closed };
}
