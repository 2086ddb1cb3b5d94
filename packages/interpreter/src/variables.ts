import type { Json, JsonObject } from "@stigmer/dsl";
import type { TaskFrame, Variables } from "./frame.ts";
import { present } from "./json.ts";
import type { Run } from "./run.ts";

/** The places of expressions; each sees other variables. */
export type Place = "if" | "input" | "definition" | "output" | "export";

/** What exists only after the task's work. */
export interface TaskResults {
  /** The output before `output.as`. */
  readonly raw?: Json;
  /** The output after `output.as`. */
  readonly output?: Json;
}

/**
 * Variables of a task's expressions; `$secrets` is added where an effect evaluates them.
 *
 * @see DSL 1.0.3, "Runtime expression arguments", the table of availability
 */
export function taskVariables(frame: TaskFrame, place: Place, results: TaskResults = {}): Variables {
  const { run } = frame;
  const variables: { [name: string]: Json } = {
    ...frame.variables,
    context: run.state.context,
    task: frame.extended ?? taskDescriptor(frame, results),
    workflow: run.workflow,
    runtime: run.runtime,
  };
  if (place === "if" || place === "input") return variables;
  variables.input = frame.input;
  variables.authorization = frame.authorization.value ?? null;
  if (results.output !== undefined) variables.output = results.output;
  return variables;
}

/** `$task`. */
export function taskDescriptor(frame: TaskFrame, results: TaskResults): JsonObject {
  const { task } = frame;
  return present({
    name: frame.name,
    reference: frame.reference,
    definition: task,
    // Examples of the specification read `$task.call` and `$task.with`, its text has `$task.definition`.
    call: "call" in task ? task.call : undefined,
    with: "with" in task ? task.with : undefined,
    input: frame.raw,
    output: results.raw,
    startedAt: dateTime(frame.cursor.startedAtMs),
  });
}

/** Variables of the workflow's own `input.from` and, with the context, of its `output.as`. */
export function workflowVariables(run: Run, place: "input" | "output"): Variables {
  const variables = { workflow: run.workflow, runtime: run.runtime };
  return place === "input" ? variables : { ...variables, context: run.state.context };
}

/** A time as expressions see it. */
export function dateTime(ms: number): JsonObject {
  return { iso8601: new Date(ms).toISOString(), epoch: { seconds: Math.floor(ms / 1000), milliseconds: ms } };
}
