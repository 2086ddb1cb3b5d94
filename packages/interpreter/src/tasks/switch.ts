import { type SwitchTask, switchEntries } from "@stigmer/dsl";
import { holds } from "../data-flow.ts";
import { Directed, type Outcome, type TaskFrame } from "../frame.ts";
import type { Step } from "../step.ts";

/** Goes where the first case that holds says, else where the default case says, else where the task itself says. */
export function* runSwitch(frame: TaskFrame, task: SwitchTask): Step<Outcome> {
  let fallback: string | undefined;
  for (const { case: entry } of switchEntries(task)) {
    if (entry.when === undefined) fallback ??= entry.then;
    else if (yield* holds(frame, entry.when)) return new Directed(frame.input, entry.then);
  }
  return fallback === undefined ? frame.input : new Directed(frame.input, fallback);
}
