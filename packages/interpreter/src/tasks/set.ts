import type { SetTask } from "@stigmer/dsl";
import { evaluate, evaluateValue } from "../data-flow.ts";
import type { Outcome, TaskFrame } from "../frame.ts";
import type { Step } from "../step.ts";

/** Output from a map of values or from one expression. */
export function* runSet(frame: TaskFrame, task: SetTask): Step<Outcome> {
  return typeof task.set === "string" ? yield* evaluate(frame, task.set) : yield* evaluateValue(frame, task.set);
}
