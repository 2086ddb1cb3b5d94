import type { Json, WorkflowProcess } from "@stigmer/dsl";
import { evaluateValue } from "../data-flow.ts";
import { answered, keyOf, type Outcome, type TaskFrame } from "../frame.ts";
import { property } from "../json.ts";
import { remember } from "../remember.ts";
import type { Step } from "../step.ts";

/** Another workflow to run, and whether the task waits for its output. */
export interface RunSubflowParams {
  readonly process: WorkflowProcess;
  readonly waits: boolean;
}

/** Runs another workflow as a child execution; not awaited, the task's input is its output. */
export function* runSubflow(frame: TaskFrame, { process, waits }: RunSubflowParams): Step<Outcome> {
  const call = yield* remember(frame, () => evaluateValue(frame, callOf(process)));
  const output = yield* answered(
    frame,
    frame.durable.child({
      key: keyOf(frame),
      program: "workflow",
      target: property(call, "target") ?? null,
      input: property(call, "input") ?? null,
      mode: waits ? "wait" : "detach",
    }),
  );
  return waits ? output : frame.input;
}

function callOf({ namespace, name, version = "latest", input = {} }: WorkflowProcess): Json {
  return { target: { namespace, name, version }, input };
}
