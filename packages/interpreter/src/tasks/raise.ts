import type { ErrorDefinition, RaiseTask } from "@stigmer/dsl";
import { evaluateValue } from "../data-flow.ts";
import { Fault, failureFromJson, standardFault } from "../fault.ts";
import type { Outcome, TaskFrame } from "../frame.ts";
import { isObject } from "../json.ts";
import type { Run } from "../run.ts";
import type { Step } from "../step.ts";

/** Raises an error; its `instance` is always the task that raises it. */
export function* runRaise(frame: TaskFrame, task: RaiseTask): Step<Outcome> {
  const error = yield* evaluateValue(frame, errorDefinition(frame.run, task.raise.error));
  if (!isObject(error) || typeof error.type !== "string" || !Number.isInteger(Number(error.status)))
    throw standardFault({ error: "configuration", detail: "Cannot raise an error without a type and a whole status" });
  const status = Number(error.status);
  throw new Fault(failureFromJson({ ...error, status, instance: frame.reference }));
}

function errorDefinition(run: Run, error: ErrorDefinition | string): ErrorDefinition {
  if (typeof error !== "string") return error;
  const named = run.definition.use?.errors?.[error];
  if (named !== undefined) return named;
  throw standardFault({ error: "configuration", detail: `Cannot find error "${error}" in use.errors` });
}
