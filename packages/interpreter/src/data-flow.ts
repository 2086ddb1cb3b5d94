import type { Duration, Json, Transformation } from "@stigmer/dsl";
import * as evaluation from "./evaluation.ts";
import type { TaskFrame } from "./frame.ts";
import type { Step } from "./step.ts";
import { type Place, type TaskResults, taskVariables } from "./variables.ts";

/** Value of an expression-typed field of the task, bare or in `${ }`. */
export function evaluate(frame: TaskFrame, text: string): Step<Json> {
  return evaluation.evaluate(inDefinition(frame), text);
}

/** A value of the task's definition with its expressions replaced by what they give. */
export function evaluateValue(frame: TaskFrame, value: Json): Step<Json> {
  return evaluation.evaluateValue(inDefinition(frame), value);
}

/** A value for an effect's input, like `evaluateValue`, but with expressions over `$secrets` left to the effect. */
export function effectArguments(frame: TaskFrame, value: Json): Json {
  return evaluation.effectArguments(inDefinition(frame), value);
}

/** True when the condition gives anything but false and null. */
export function* holds(frame: TaskFrame, condition: string, place: "if" | "definition" = "definition"): Step<boolean> {
  const value = yield* evaluation.evaluate(at(frame, place), condition);
  return value !== false && value !== null;
}

/** Like `holds`, but `.` is another value than the task's input. */
export function* holdsOn(frame: TaskFrame, input: Json, condition: string): Step<boolean> {
  const value = yield* evaluation.evaluate({ ...inDefinition(frame), input }, condition);
  return value !== false && value !== null;
}

/** Length of a duration, whose parts may be expressions. */
export function durationMs(frame: TaskFrame, duration: Duration): number {
  return evaluation.durationMs(inDefinition(frame), duration);
}

/** A transformation of a task, and what of its results exists. */
export interface TransformParams {
  readonly rule: Transformation;
  readonly place: Exclude<Place, "if" | "definition">;
  readonly results?: TaskResults;
}

/** `input.from`, `output.as` and `export.as` of a task. */
export function transformIn(frame: TaskFrame, { rule, place, results }: TransformParams): Step<Json> {
  return evaluation.transform(at(frame, place, results), rule);
}

/** Where the expressions of the task's definition are evaluated. */
export function inDefinition(frame: TaskFrame): evaluation.Evaluation {
  return at(frame, "definition");
}

/** Before the work expressions see the raw input, in it the transformed one, after it the output. */
function at(frame: TaskFrame, place: Place, results: TaskResults = {}): evaluation.Evaluation {
  return {
    run: frame.run,
    durable: frame.durable,
    pointer: frame.reference,
    input: seenIn(frame, place, results),
    variables: taskVariables(frame, place, results),
  };
}

function seenIn(frame: TaskFrame, place: Place, { raw, output }: TaskResults): Json {
  switch (place) {
    case "if":
    case "input":
      return frame.raw;
    case "definition":
      return frame.input;
    case "output":
      return raw ?? null;
    case "export":
      return output ?? null;
  }
}
