import type { Json, WaitTask } from "@stigmer/dsl";
import { durationMs } from "../data-flow.ts";
import { answered, keyOf, type Outcome, type TaskFrame } from "../frame.ts";
import { rememberNow } from "../remember.ts";
import type { Step } from "../step.ts";
import { reportTask } from "../task-events.ts";

/** Lets time pass; the input is the output. */
export function* runWait(frame: TaskFrame, task: WaitTask): Step<Outcome> {
  const dueAtMs = Number(rememberNow(frame, () => dueTime(frame, task)));
  yield* answered(frame, frame.durable.sleepUntil({ key: keyOf(frame), dueAtMs }));
  return frame.input;
}

function dueTime(frame: TaskFrame, task: WaitTask): Json {
  const dueAtMs = frame.durable.now() + durationMs(frame, task.wait);
  reportTask(frame, "task.waiting", { until: new Date(dueAtMs).toISOString() });
  return dueAtMs;
}
