import { isList, isObject, type Json, type JsonObject } from "../json.ts";
import { standardProblem, WorkflowProblemError } from "../standard-errors.ts";
import { evaluateData, evaluateText } from "./evaluate-data.ts";
import { type EvaluateOptions, evaluateExpression, type Variables } from "./evaluate-expression.ts";
import { isExpression, unwrapExpression } from "./expression-text.ts";
import { type SecretUse, secretsOf, variablesOf } from "./used-variables.ts";

/** Key of a node that stands for an expression not evaluated yet. */
const DEFERRED = "$deferred";
/** Key of a node whose value is data as it is, although it looks like one of these nodes. */
const LITERAL = "$literal";

/** An expression that travels unevaluated because it reads secrets. */
export type DeferredExpression = {
  readonly expression: string;
  readonly input: Json;
  readonly variables: { readonly [name: string]: Json };
  /** Text that stands instead when it fails: loose mode only. */
  readonly otherwise?: string;
};

/**
 * Evaluates a value as `evaluateData` does, but leaves expressions that read `$secrets` for later.
 *
 * Such an expression becomes `{"$deferred": {expression, input, variables}}` with just what it needs, so that no secret
 * enters the journal. Data that looks like such a node is wrapped as `{"$literal": data}`: input cannot smuggle one in.
 *
 * @throws {WorkflowProblemError} expression error of an expression that reads no secrets
 */
export function deferSecrets(value: Json, input: Json, variables: Variables, options: EvaluateOptions = {}): Json {
  return withinStack(() => deferIn(value, input, variables, options));
}

function deferIn(value: Json, input: Json, variables: Variables, options: EvaluateOptions): Json {
  if (typeof value === "string") {
    const isTried = options.mode === "loose" || isExpression(value);
    return isTried && variablesOf(value).includes("secrets")
      ? deferExpression(value, input, variables, options)
      : protect(evaluateText(value, input, variables, options));
  }
  if (isList(value)) return value.map((item) => deferIn(item, input, variables, options));
  if (!isObject(value)) return value;
  if (isNode(value)) return { [LITERAL]: evaluateData(value, input, variables, options) };
  return mapMembers(value, (member) => deferIn(member, input, variables, options));
}

/** Node for an expression (bare or wrapped) that reads secrets, to be evaluated by `resolveDeferred`. */
export function deferExpression(
  expression: string,
  input: Json,
  variables: Variables,
  options: EvaluateOptions = {},
): JsonObject {
  const source = unwrapExpression(expression).trim();
  const names = variablesOf(expression).filter((name) => name !== "secrets" && Object.hasOwn(variables, name));
  const deferred: DeferredExpression = {
    expression: source,
    input: readsInput(source) ? input : null,
    variables: Object.fromEntries(names.map((name) => [name, variables[name] ?? null])),
    ...(options.mode === "loose" ? { otherwise: expression } : {}),
  };
  return { [DEFERRED]: deferred };
}

/** True when a value holds an expression that `resolveDeferred` must evaluate. */
export function hasDeferred(value: Json): boolean {
  if (isList(value)) return value.some(hasDeferred);
  if (!isObject(value)) return false;
  if (isNode(value)) return Object.hasOwn(value, DEFERRED);
  return Object.values(value).some(hasDeferred);
}

/** Names of the secrets that the deferred expressions of a value read. */
export function deferredSecrets(value: Json): SecretUse {
  const uses = [...deferredOf(value)].map(({ expression }) => secretsOf(expression));
  return {
    names: [...new Set(uses.flatMap((use) => use.names))],
    isComplete: uses.every((use) => use.isComplete),
  };
}

/**
 * The inverse of `deferSecrets`: evaluates what was deferred, now with the secrets.
 *
 * @param secrets values by name
 * @throws {WorkflowProblemError} expression error
 */
export function resolveDeferred(value: Json, secrets: Variables, options: EvaluateOptions = {}): Json {
  return withinStack(() => resolveIn(value, secrets, options));
}

function resolveIn(value: Json, secrets: Variables, options: EvaluateOptions): Json {
  if (isList(value)) return value.map((item) => resolveIn(item, secrets, options));
  if (!isObject(value)) return value;
  if (!isNode(value)) return mapMembers(value, (member) => resolveIn(member, secrets, options));
  if (Object.hasOwn(value, LITERAL)) return value[LITERAL] ?? null;
  const deferred = readDeferred(value[DEFERRED]);
  if (deferred === undefined) return value;
  const variables = { ...deferred.variables, secrets };
  if (deferred.otherwise !== undefined) {
    return evaluateText(deferred.otherwise, deferred.input, variables, { ...options, mode: "loose" });
  }
  return evaluateExpression(deferred.expression, deferred.input, variables, options);
}

/** Data nested too deeply for the stack is a problem of the data, not a crash. */
function withinStack(work: () => Json): Json {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new WorkflowProblemError(standardProblem("expression", "Cannot evaluate: the data is nested too deeply"));
  }
}

/** An expression of nothing but a path into a variable needs no input. */
function readsInput(source: string): boolean {
  return !/^\$\w+(?:\.\w+|\.?\["[^"\\]*"\])*$/.test(source);
}

function* deferredOf(value: Json): Generator<DeferredExpression> {
  if (isList(value)) for (const item of value) yield* deferredOf(item);
  if (!isObject(value) || (isNode(value) && Object.hasOwn(value, LITERAL))) return;
  const deferred = isNode(value) ? readDeferred(value[DEFERRED]) : undefined;
  if (deferred !== undefined) yield deferred;
  else for (const member of Object.values(value)) yield* deferredOf(member);
}

function isNode(value: JsonObject): boolean {
  const keys = Object.keys(value);
  return keys.length === 1 && (keys[0] === DEFERRED || keys[0] === LITERAL);
}

function readDeferred(value: Json | undefined): DeferredExpression | undefined {
  if (!isObject(value)) return undefined;
  const { expression, input, variables, otherwise } = value;
  if (typeof expression !== "string" || input === undefined || !isObject(variables)) return undefined;
  return { expression, input, variables, ...(typeof otherwise === "string" ? { otherwise } : {}) };
}

/** Wraps data that holds anything like a node, so that it comes out as it went in. */
function protect(data: Json): Json {
  return looksLikeNode(data) ? { [LITERAL]: data } : data;
}

function looksLikeNode(data: Json): boolean {
  if (isList(data)) return data.some(looksLikeNode);
  return isObject(data) && (isNode(data) || Object.values(data).some(looksLikeNode));
}

function mapMembers(object: JsonObject, change: (member: Json) => Json): JsonObject {
  return Object.fromEntries(Object.entries(object).map(([key, member]) => [key, change(member)]));
}
