import { EXIT } from "./exit-codes.ts";
import type { Logger } from "./logger.ts";

export interface CreateStopperParams {
  /** Ends what runs; undefined while the component still starts. */
  readonly stop: (graceMs?: number) => Promise<void> | undefined;
  /** How long an end without a grace may take, ms. */
  readonly timeoutMs: number;
  readonly log: Logger;
}

/**
 * Ends this process cleanly and within its time: the first call begins, a later one with a grace only changes how long
 * running work may take. A stop that is late or fails ends the process with a code that says so.
 *
 * @returns takes the exit code, and the grace in ms when the supervisor named one
 */
export function createStopper({ stop, timeoutMs, log }: CreateStopperParams): (code: number, graceMs?: number) => void {
  let isStopping = false;
  let deadline: NodeJS.Timeout | undefined;
  return (code, graceMs) => {
    if (isStopping && graceMs === undefined) return;
    clearTimeout(deadline);
    const lateCode = code === EXIT.ok ? EXIT.unexpected : code;
    deadline = setTimeout(() => process.exit(lateCode), timeoutMs + (graceMs ?? 0)).unref();
    const stopped = stop(graceMs);
    if (isStopping) return;
    isStopping = true;
    Promise.resolve(stopped).then(
      () => process.exit(code),
      (error: unknown) => {
        log.error("cannot stop cleanly", { error });
        process.exit(EXIT.unexpected);
      },
    );
  };
}
