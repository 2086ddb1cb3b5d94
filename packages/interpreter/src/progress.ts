import type { ListCursor } from "./cursor.ts";
import { Fault, standardFault } from "./fault.ts";
import type { Frame } from "./frame.ts";
import { type Step, settled } from "./step.ts";

/** Tasks and iterations that a run may take without an answer from the world before it counts as an endless loop. */
export const DEFAULT_MAX_PURE_STEPS = 1_000_000;

/** Steps after which a busy run hands the turn back to its host: about a tenth of a second. */
const STEPS_PER_TURN = 25_000;

/** Steps without an answer whose task events are kept; a loop beyond that would only fill the log. */
const LOUD_STEPS = 10_000;

/** The run loops without ever waiting for the world; no `try` catches it. */
export class NoProgress extends Fault {}

/**
 * Counts one step: a task that begins, or an iteration.
 *
 * @throws {NoProgress} when the run took too many of them since the world last answered
 */
export function countStep({ run }: Pick<Frame, "run">, reference: string): void {
  const { state, maxPureSteps } = run;
  state.steps += 1;
  if (state.steps <= maxPureSteps) return;
  const detail = `The workflow took ${maxPureSteps} steps without waiting for anything: the loop around this task does not end`;
  throw new NoProgress(standardFault({ error: "runtime", title: "no progress", detail, instance: reference }).problem);
}

/**
 * The frame of a list's next task: a loop of jumps that is busy without an answer reports no more than faults, so that
 * it does not fill the log. Says so once.
 */
export function hush(frame: Frame, list: ListCursor): Frame {
  const { run, durable } = frame;
  if (!list.loops || frame.quiet || run.allEvents || run.state.steps < LOUD_STEPS) return frame;
  if (!list.hushed) {
    const message = `More than ${LOUD_STEPS} steps without waiting: events of further ones are left out, faults are not`;
    durable.report({ type: "log", data: { level: "warn", message } });
    list.hushed = true;
  }
  return { ...frame, quiet: true };
}

/** True when the host should get a turn before the next task. */
export function isTired({ run }: Pick<Frame, "run">): boolean {
  return run.state.steps - run.state.restedAt >= STEPS_PER_TURN;
}

/**
 * Hands the turn to the host by a timer that is due at once: it can commit, take a snapshot and serve others.
 *
 * @param reference of the task that comes next; its next run names the timer
 */
export function* rest(frame: Frame, reference: string): Step<void> {
  const { state } = frame.run;
  const key = `${reference}#${(state.runs.get(reference) ?? 0) + 1}/rest`;
  yield* settled(frame.durable.sleepUntil({ key, dueAtMs: frame.durable.now() }));
  state.restedAt = state.steps;
}
