import type { Duration, TimeoutSetting } from "@stigmer/dsl";
import { DeadlineError } from "@stigmer/durable";
import type { FinishedWork } from "./cursor.ts";
import { durationMs } from "./data-flow.ts";
import { standardFault } from "./fault.ts";
import { Directed, keyOf, type Outcome, type TaskFrame } from "./frame.ts";
import type { Run } from "./run.ts";
import { drive, type Step, settled } from "./step.ts";

/**
 * Does the work of a task, inside a scope with a deadline when the task has a timeout.
 *
 * @throws {Fault} timeout error 408 when the deadline passed first
 */
export function* runWithTimeout(frame: TaskFrame): Step<Outcome> {
  const { task, cursor } = frame;
  if (cursor.finished !== undefined) return outcomeOf(cursor.finished);
  if (task.timeout === undefined) return yield* work(frame);
  cursor.deadlineAtMs ??= frame.durable.now() + durationMs(frame, timeoutDuration(frame.run, task.timeout));
  const scope = { key: keyOf(frame, "/timeout"), deadlineAtMs: cursor.deadlineAtMs };
  try {
    return yield* settled(frame.durable.scope(scope, (durable) => drive(finish({ ...frame, durable }))));
  } catch (error) {
    if (!(error instanceof DeadlineError) || error.key !== scope.key) throw error;
    throw standardFault({ error: "timeout", detail: `Task "${frame.name}" did not end in time` });
  }
}

function work(frame: TaskFrame): Step<Outcome> {
  return frame.run.tasks[frame.kind](frame, frame.task);
}

/** Remembers the result before the scope ends, so that a state taken in between does not repeat the work. */
function* finish(frame: TaskFrame): Step<Outcome> {
  const outcome = yield* work(frame);
  frame.cursor.finished = finishedOf(outcome);
  return outcome;
}

/** An outcome as a cursor keeps it. */
export function finishedOf(outcome: Outcome): FinishedWork {
  return outcome instanceof Directed ? { output: outcome.output, next: outcome.next } : { output: outcome };
}

/** The outcome that a cursor keeps. */
export function outcomeOf(finished: FinishedWork): Outcome {
  return finished.next === undefined ? finished.output : new Directed(finished.output, finished.next);
}

/**
 * The duration of a timeout, inline or by its name in `use.timeouts`.
 *
 * @throws {Fault} configuration error when the name is not declared
 */
export function timeoutDuration(run: Run, timeout: TimeoutSetting): Duration {
  if (typeof timeout !== "string") return timeout.after;
  const named = run.definition.use?.timeouts?.[timeout];
  if (named !== undefined) return named.after;
  throw standardFault({ error: "configuration", detail: `Cannot find timeout "${timeout}" in use.timeouts` });
}
