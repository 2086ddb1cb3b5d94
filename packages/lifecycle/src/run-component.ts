import { createInterface } from "node:readline";
import { VERSION } from "./build-info.ts";
import { type ComponentEnvironment, readComponentEnvironment } from "./component-environment.ts";
import { ComponentFailure, EXIT } from "./exit-codes.ts";
import { createLogger, type Logger } from "./logger.ts";
import { createRedactor, type Redactor } from "./redactor.ts";
import { createStopper } from "./stop-process.ts";

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
  /**
   * Ends cleanly; bounded by the caller's deadline. Running work gets `graceMs`, the component's own default when
   * absent. Called again when less time is left than was said first.
   */
  stop(graceMs?: number): Promise<void>;
}

export interface RunComponentParams {
  readonly component: string;
  /** Resolves when the component can truly serve. */
  readonly start: (context: ComponentContext) => Promise<RunningComponent>;
  /** How long `stop` may take beyond the grace of the supervisor, ms; 5,000 when absent. */
  readonly stopTimeoutMs?: number;
  /** Takes each line that the supervisor writes into the parent pipe. */
  readonly onParentLine?: (line: string) => void;
}

/** The supervisor writes its stop line before it sends the signal; this is long enough to read it, ms. */
const STOP_LINE_MS = 50;

/** The supervisor's line before its SIGTERM: how long running work may take. */
export function stopLine(graceMs: number): string {
  return JSON.stringify({ stop: { graceMs } });
}

/**
 * Runs a component by the component contract: the ready line on stdout, logs on stderr, a clean end on SIGTERM, SIGINT
 * and the parent's stop line, an end at once when the parent's pipe closes, and an exit code that says whether a
 * restart can help.
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
  let running: RunningComponent | undefined;
  const stop = createStopper({
    stop: (graceMs) => running?.stop(graceMs),
    timeoutMs: params.stopTimeoutMs ?? 5_000,
    log,
  });
  const fail = (failure: ComponentFailure) => {
    log.error(failure.message, { reason: failure.reason, hint: failure.hint });
    stop(failure.exitCode);
  };

  const onTerminate = () => stop(EXIT.ok);
  process.on("SIGTERM", environment.hasParentPipe ? () => setTimeout(onTerminate, STOP_LINE_MS) : onTerminate);
  process.on("SIGINT", () => stop(EXIT.ok));
  if (environment.hasParentPipe) {
    readParentPipe({
      onLine: (line) => params.onParentLine?.(line),
      onStop: (graceMs) => stop(EXIT.ok, graceMs),
      onEnd: () => process.exit(EXIT.ok),
    });
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
      process.exit(failure.exitCode);
    },
  );
}

/** The kernel closes the pipe however the parent ends, so no component outlives its supervisor. */
function readParentPipe(to: {
  readonly onLine: (line: string) => void;
  readonly onStop: (graceMs: number) => void;
  readonly onEnd: () => void;
}): void {
  createInterface({ input: process.stdin }).on("line", (line) => {
    const graceMs = readStopLine(line);
    if (graceMs === undefined) to.onLine(line);
    else to.onStop(graceMs);
  });
  process.stdin.on("end", to.onEnd).on("error", to.onEnd);
}

function readStopLine(line: string): number | undefined {
  if (!line.startsWith('{"stop":')) return undefined;
  const value: unknown = JSON.parse(line);
  if (typeof value !== "object" || value === null || !("stop" in value)) return undefined;
  const { stop } = value;
  if (typeof stop !== "object" || stop === null || !("graceMs" in stop)) return undefined;
  return typeof stop.graceMs === "number" ? stop.graceMs : undefined;
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
