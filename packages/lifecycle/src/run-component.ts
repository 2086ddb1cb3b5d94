import { createInterface } from "node:readline";
import { VERSION } from "./build-info.ts";
import { type ComponentEnvironment, readComponentEnvironment } from "./component-environment.ts";
import { ComponentFailure, EXIT } from "./exit-codes.ts";
import { createLogger, type Logger } from "./logger.ts";
import { createRedactor, type Redactor } from "./redactor.ts";

/** What a component gets to start with. */
export interface ComponentContext {
  readonly environment: ComponentEnvironment;
  readonly log: Logger;
  readonly redactor: Redactor;
  /** Ends the process with the failure's exit code, after a graceful stop; for what breaks after the start. */
  readonly fail: (failure: ComponentFailure) => void;
}

/** A component that serves. */
export interface RunningComponent {
  /** Addresses and the like for the ready line. */
  readonly ready: Readonly<Record<string, unknown>>;
  /** Ends cleanly; bounded by the caller's deadline. */
  stop(): Promise<void>;
}

export interface RunComponentParams {
  readonly component: string;
  /** Resolves when the component can truly serve. */
  readonly start: (context: ComponentContext) => Promise<RunningComponent>;
  /** How long `stop` may take, ms; 5,000 when absent. */
  readonly stopTimeoutMs?: number;
  /** Takes each line that the supervisor writes into the parent pipe. */
  readonly onParentLine?: (line: string) => void;
}

/**
 * Runs a component by the component contract: the ready line on stdout, logs on stderr, a clean end on SIGTERM and
 * SIGINT, an end at once when the parent's pipe closes, and an exit code that says whether a restart can help.
 */
export function runComponent(params: RunComponentParams): void {
  const redactor = createRedactor();
  const startedAt = Date.now();
  const environment = readEnvironmentOrExit(params.component);
  const log = createLogger({
    component: params.component,
    level: environment.logLevel,
    redactor,
    write: (line) => process.stderr.write(line),
  });
  const exit = (code: number): never => process.exit(code);
  let running: RunningComponent | undefined;
  let isStopping = false;

  const stop = (code: number) => {
    if (isStopping) return;
    isStopping = true;
    setTimeout(() => exit(code === EXIT.ok ? EXIT.unexpected : code), params.stopTimeoutMs ?? 5_000).unref();
    Promise.resolve(running?.stop()).then(
      () => exit(code),
      (error: unknown) => {
        log.error("cannot stop cleanly", { error });
        exit(EXIT.unexpected);
      },
    );
  };
  const fail = (failure: ComponentFailure) => {
    log.error(failure.message, { reason: failure.reason, hint: failure.hint });
    stop(failure.exitCode);
  };

  process.on("SIGTERM", () => stop(EXIT.ok));
  process.on("SIGINT", () => stop(EXIT.ok));
  if (environment.hasParentPipe) {
    // The kernel closes the pipe however the parent ends, so no component outlives its supervisor.
    createInterface({ input: process.stdin }).on("line", (line) => params.onParentLine?.(line));
    process.stdin.on("end", () => exit(EXIT.ok)).on("error", () => exit(EXIT.ok));
  }
  params.start({ environment, log, redactor, fail }).then(
    (started) => {
      running = started;
      const ready = { component: params.component, pid: process.pid, version: VERSION, ...started.ready };
      process.stdout.write(`${JSON.stringify({ ready })}\n`);
      log.info("ready", { afterMs: Date.now() - startedAt });
    },
    (error: unknown) => {
      const failure = toFailure(error);
      log.error(failure.message, { reason: failure.reason, hint: failure.hint, error });
      exit(failure.exitCode);
    },
  );
}

function readEnvironmentOrExit(component: string): ComponentEnvironment {
  try {
    return readComponentEnvironment(process.env);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    process.stderr.write(`${JSON.stringify({ level: "error", component, message })}\n`);
    return process.exit(EXIT.configuration);
  }
}

function toFailure(error: unknown): ComponentFailure {
  if (error instanceof ComponentFailure) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new ComponentFailure({ reason: "UNEXPECTED", message, exitCode: EXIT.unexpected, cause: error });
}
