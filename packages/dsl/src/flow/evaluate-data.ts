import { durationToMs, MAX_DURATION_MS } from "../durations.ts";
import { isList, type Json, type JsonObject } from "../json.ts";
import type { Duration, DurationParts, Transformation } from "../model-data.ts";
import { standardProblem, WorkflowProblemError } from "../standard-errors.ts";
import { type EvaluateOptions, evaluateExpression, type Variables } from "./evaluate-expression.ts";
import { isExpression } from "./expression-text.ts";

/**
 * Evaluates a value of a definition: every expression in its texts is replaced by what it gives.
 *
 * In strict mode only texts that are `${ }` as a whole are expressions; in loose mode every text is tried and stays as it
 * is when it fails. Keys are never evaluated, nor is what an expression gives: data cannot bring expressions in.
 *
 * @throws {WorkflowProblemError} expression error, in strict mode
 */
export function evaluateData(value: Json, input: Json, variables: Variables, options: EvaluateOptions = {}): Json {
  return mapTexts(value, (text) => evaluateText(text, input, variables, options));
}

/** Evaluates a transformation (`input.from`, `output.as`, `export.as`): one expression, or a map with expressions in it. */
export function evaluateTransformation(
  transformation: Transformation,
  input: Json,
  variables: Variables,
  options: EvaluateOptions = {},
): Json {
  return typeof transformation === "string"
    ? evaluateExpression(transformation, input, variables, options)
    : evaluateData(transformation, input, variables, options);
}

/**
 * Length of a duration, which may be an expression that gives parts or ISO 8601.
 *
 * @returns milliseconds
 * @throws {WorkflowProblemError} expression error when the result is no duration or longer than MAX_DURATION_MS
 */
export function evaluateDuration(
  duration: Duration,
  input: Json,
  variables: Variables,
  options: EvaluateOptions = {},
): number {
  const isText = typeof duration === "string";
  const value = isText && isExpression(duration) ? evaluateExpression(duration, input, variables, options) : duration;
  const ms = isDurationLike(value) ? durationToMs(value) : undefined;
  if (ms !== undefined) return ms;
  const shown = JSON.stringify(value).slice(0, 80);
  const limit = `an ISO 8601 duration or parts of whole numbers, at most ${MAX_DURATION_MS} ms`;
  throw new WorkflowProblemError(
    standardProblem("expression", `Cannot use ${shown} as a duration: it must be ${limit}`),
  );
}

/** Evaluates one text as `evaluateData` does. */
export function evaluateText(text: string, input: Json, variables: Variables, options: EvaluateOptions): Json {
  if (options.mode !== "loose") return isExpression(text) ? evaluateExpression(text, input, variables, options) : text;
  try {
    return evaluateExpression(text, input, variables, options);
  } catch (error) {
    if (error instanceof WorkflowProblemError) return text;
    throw error;
  }
}

/** Copies a value with its texts replaced; parts without a change are shared with the original. */
function mapTexts(value: Json, replace: (text: string) => Json): Json {
  if (typeof value === "string") return replace(value);
  if (typeof value !== "object" || value === null) return value;
  return isList(value) ? mapList(value, replace) : mapObject(value, replace);
}

function mapList(list: readonly Json[], replace: (text: string) => Json): Json {
  const mapped = list.map((item) => mapTexts(item, replace));
  return mapped.every((item, index) => item === list[index]) ? list : mapped;
}

function mapObject(object: JsonObject, replace: (text: string) => Json): Json {
  let changed = false;
  const entries = Object.entries(object).map(([key, member]): [string, Json] => {
    const mapped = mapTexts(member, replace);
    if (mapped !== member) changed = true;
    return [key, mapped];
  });
  return changed ? Object.fromEntries(entries) : object;
}

function isDurationLike(value: Json): value is DurationParts | string {
  return typeof value === "string" || (typeof value === "object" && value !== null && !isList(value));
}
