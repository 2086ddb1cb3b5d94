import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { GuardedOutcome } from "@stigmer/lifecycle";
import type { EffectContext } from "../effect-context.ts";
import { failure } from "../fail.ts";
import { type ProcessOptions, runProcess } from "../process/run-process.ts";

/** How containers are run. */
export interface ContainerOptions {
  /** Programs to look for, the first found is used; docker, then podman when absent. */
  readonly engines?: readonly string[];
  /** Variables for the engine's client, such as DOCKER_HOST. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Folders outside of the workspace that containers may mount, absolute. */
  readonly allowedMounts?: readonly string[];
}

/** One call of the engine's client. */
export interface EngineCall {
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly stdin?: string;
  /** Without it the call is housekeeping: it ends by its own time limit, not with the effect. */
  readonly signal?: AbortSignal;
}

/** The container engine of this machine. */
export interface ContainerEngine {
  readonly allowedMounts: readonly string[];
  /** @throws {DurableFailure} `configuration` when there is no engine */
  run(call: EngineCall, context: EffectContext): Promise<GuardedOutcome>;
  /** Does the work at the first call; later calls do nothing. */
  once(work: () => Promise<void>): Promise<void>;
  /** Does something after a time, unless this process ends before. */
  later(delayMs: number, work: () => Promise<unknown>): void;
  close(): void;
}

/** Housekeeping that takes longer is given up, ms. */
const HOUSEKEEPING_MS = 20_000;

/** Housekeeping runs beside the effect's own process, and after the execution's workspace may be gone. */
async function inScratchFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), "stigmer-engine-"));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The engine is looked for at the first call. */
export function createContainerEngine(options: ContainerOptions, processes: ProcessOptions): ContainerEngine {
  const candidates = options.engines ?? ["docker", "podman"];
  const timers = new Set<NodeJS.Timeout>();
  let hasBegun = false;
  let found: string | undefined;
  const start = (command: string, call: EngineCall, context: EffectContext) => {
    const env = { ...options.environment, ...call.env };
    const params = { command, args: call.args, env, stdin: call.stdin ?? "" };
    if (call.signal) return runProcess(params, { ...context, signal: call.signal }, processes);
    return inScratchFolder((folder) => {
      const signal = AbortSignal.timeout(HOUSEKEEPING_MS);
      return runProcess(params, { ...context, signal, workspaceDir: folder, homeDir: folder }, processes);
    });
  };
  return {
    allowedMounts: options.allowedMounts ?? [],
    async run(call, context) {
      for (const command of found === undefined ? candidates : [found]) {
        const outcome = await start(command, call, context);
        if (outcome.kind === "not-started" && outcome.reason === "ENOENT") continue;
        found = command;
        return outcome;
      }
      found = undefined;
      throw failure("configuration", {
        detail: `Cannot do "run: container": this machine has none of ${candidates.join(", ")} on the PATH; install one of them`,
        retryable: false,
      });
    },
    async once(work) {
      const isFirst = !hasBegun;
      hasBegun = true;
      if (isFirst) await work();
    },
    later(delayMs, work) {
      const timer = setTimeout(() => {
        timers.delete(timer);
        // Nobody waits for this; a container that cannot be removed stays, as one does whose engine stopped.
        work().catch(() => undefined);
      }, delayMs).unref();
      timers.add(timer);
    },
    close() {
      for (const timer of timers) clearTimeout(timer);
    },
  };
}
