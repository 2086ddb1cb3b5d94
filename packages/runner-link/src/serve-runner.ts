import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type CrashClass, DurableFailure, type DurableProgram, type Json } from "@stigmer/durable";
import { type ComponentContext, ComponentFailure, EXIT, type RunningComponent, VERSION } from "@stigmer/lifecycle";
import type { RunnerEffectContext } from "./effect-context.ts";
import { createRunner } from "./runner.ts";
import { createServerLink, type ServerLink } from "./server-link.ts";

/** What a handler of an effect gets: the runner's context and the execution's own folder. */
export interface HandlerContext extends RunnerEffectContext {
  /** Folder of the execution; it exists for kinds of `workspaceKinds`. */
  readonly workspaceDir: string;
  /** What a crash may do to the call. */
  readonly crash: CrashClass;
  /** Names of the secrets that the definition declares. */
  readonly declaredSecrets: readonly string[];
}

/** Does one kind of effect; throws `DurableFailure`. */
export type RunnerEffectHandler = (input: Json, context: HandlerContext) => Promise<Json>;

/** Every effect of a runner by its kind. */
export interface RunnerEffects {
  readonly handlers: Readonly<Record<string, RunnerEffectHandler>>;
  /** Lets go of what belongs to one execution, such as its MCP servers. */
  forget?(executionId: string): void;
  close(): void | Promise<void>;
}

/** How a runner component is put together. */
export interface ServeRunnerParams {
  /** `workflow-runner` or `agent-runner`. */
  readonly component: string;
  readonly context: ComponentContext;
  /** Programs by name: `workflow` or `agent`. */
  readonly programs: Readonly<Record<string, DurableProgram>>;
  readonly createEffects: (link: ServerLink) => RunnerEffects;
  /** Kinds whose effects need the execution's folder on disk, such as `shell`. */
  readonly workspaceKinds: readonly string[];
  /** Executions held at the same time; default 1,000. */
  readonly capacity?: number;
}

/** Bound for `runComponent`: a grace of its own of 5 s, the stream one more. */
export const RUNNER_STOP_TIMEOUT_MS = 8000;

/** How long the first connection may take, ms. */
const READY_TIMEOUT_MS = 60_000;

/**
 * Runs a runner as a component: connects over the server's socket and resolves when the server has greeted.
 *
 * @throws {ComponentFailure} CONFIGURATION_INVALID without a token, SERVER_UNREACHABLE when no server answers
 */
export async function serveRunner(params: ServeRunnerParams): Promise<RunningComponent> {
  const { component, context, programs } = params;
  const { environment, log, redactor } = context;
  const tokenFile = requireTokenFile(environment.tokenFile);
  const link = createServerLink({
    address: { socket: environment.socket },
    token: () => {
      const token = readFileSync(tokenFile, "utf8").trim();
      redactor.add(token);
      return token;
    },
  });
  const effects = params.createEffects(link);
  const workspaces = createWorkspaces(environment.paths.workspaces, new Set(params.workspaceKinds));
  const runner = createRunner({
    component,
    instance: environment.instance,
    version: VERSION,
    capacity: params.capacity ?? 1000,
    openChannel: link.openChannel,
    programs: Object.fromEntries(
      Object.entries(programs).map(([name, program]) => [name, { program, minVersion: 1, maxVersion: 1 }]),
    ),
    resolveSecrets: link.resolveSecrets,
    log,
    onForget: (executionId) => effects.forget?.(executionId),
    runEffect: async (call, runContext) => {
      const handler = effects.handlers[call.kind];
      if (handler === undefined) throw unknownKind(call.kind);
      const workspaceDir = workspaces(runContext.executionId, call.kind);
      return handler(call.input, withCall(runContext, { workspaceDir, crash: call.crash }));
    },
  });
  const stop = async (graceMs?: number) => {
    await runner.stop(graceMs);
    await effects.close();
  };
  runner.start();
  await untilReady(runner.ready, stop, environment.socket);
  return { ready: { server: environment.socket }, stop };
}

async function untilReady(ready: Promise<void>, stop: () => Promise<void>, socket: string): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<"late">((resolve) => {
    timer = setTimeout(() => resolve("late"), READY_TIMEOUT_MS);
  });
  const winner = await Promise.race([ready, timeout]);
  clearTimeout(timer);
  if (winner !== "late") return;
  await stop();
  throw new ComponentFailure({
    reason: "SERVER_UNREACHABLE",
    message: `Cannot connect to the server at "${socket}": it did not answer within ${READY_TIMEOUT_MS / 1000} s`,
    exitCode: EXIT.temporary,
    hint: "stigmer status",
  });
}

function requireTokenFile(path: string | undefined): string {
  if (path !== undefined) return path;
  throw new ComponentFailure({
    reason: "CONFIGURATION_INVALID",
    message: "Cannot start a runner: STIGMER_TOKEN_FILE names no file with its token",
    exitCode: EXIT.configuration,
    hint: "stigmer up",
  });
}

/** Adds the folder, the crash class and the declared secrets; what the context makes on demand stays so. */
function withCall(
  context: RunnerEffectContext,
  call: { readonly workspaceDir: string; readonly crash: CrashClass },
): HandlerContext {
  const { executionId, namespace, key, attempt, programInput } = context;
  return {
    ...{ executionId, namespace, key, attempt, programInput, ...call },
    resolveSecrets: (names) => context.resolveSecrets(names),
    onToken: (offset, text) => context.onToken(offset, text),
    get idempotencyKey() {
      return context.idempotencyKey;
    },
    get signal() {
      return context.signal;
    },
    get declaredSecrets() {
      return readDeclaredSecrets(programInput);
    },
  };
}

/** `use.secrets` of the pinned definition. */
function readDeclaredSecrets(input: Json): readonly string[] {
  const secrets = member(member(member(input, "definition"), "use"), "secrets");
  return Array.isArray(secrets) ? secrets.filter((name) => typeof name === "string") : [];
}

function member(value: Json | undefined, name: string): Json | undefined {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  return Object.entries(value).find(([key]) => key === name)?.[1];
}

/** Gives the folder of an execution and makes it when a kind of effect needs it. */
function createWorkspaces(root: string, kinds: ReadonlySet<string>) {
  return (executionId: string, kind: string): string => {
    if (!/^[A-Za-z0-9_-]+$/.test(executionId)) throw new Error(`"${executionId}" is no id of an execution`);
    const folder = join(root, executionId);
    if (kinds.has(kind)) mkdirSync(folder, { recursive: true, mode: 0o700 });
    return folder;
  };
}

function unknownKind(kind: string): DurableFailure {
  return new DurableFailure({
    type: "https://serverlessworkflow.io/spec/1.0.0/errors/configuration",
    status: 400,
    title: "unknown effect",
    detail: `This runner has no effect of kind "${kind}"`,
    retryable: false,
  });
}
