import { isList, isObject } from "../json.ts";
import { below, type Keyword, listOf } from "./schema-run.ts";

type Check = Parameters<Keyword>;

/** Keywords that combine schemas. */
export const LOGIC_KEYWORDS: readonly (readonly [string, Keyword])[] = [
  ["$ref", checkReference],
  ["$dynamicRef", checkReference],
  ["allOf", checkAllOf],
  ["anyOf", checkAnyOf],
  ["oneOf", checkOneOf],
  ["not", checkNot],
  ["if", checkCondition],
];

/** Keywords about what no other keyword has looked at; they stand last. */
export const REST_KEYWORDS: readonly (readonly [string, Keyword])[] = [
  ["unevaluatedItems", checkUnevaluatedItems],
  ["unevaluatedProperties", checkUnevaluatedProperties],
];

function checkReference(...[argument, value, context]: Check): void {
  if (typeof argument !== "string") return;
  const target = context.run.resolve(argument);
  if (target === undefined) context.fail(`cannot be checked: the schema has no "${argument}"`);
  else context.seeAll(context.check(target, value, context.pointer));
}

function checkAllOf(...[argument, value, context]: Check): void {
  for (const schema of listOf(argument)) context.seeAll(context.check(schema, value, context.pointer));
}

function checkAnyOf(...[argument, value, context]: Check): void {
  const attempts = listOf(argument).map((schema) => context.attempt(schema, value, context.pointer));
  const matching = attempts.filter(({ problems }) => problems.length === 0);
  for (const { seen } of matching) context.seeAll(seen);
  if (matching.length > 0 || attempts.length === 0) return;
  context.fail(`must match one of ${attempts.length} alternatives: ${nearestReason(attempts)}`);
}

function checkOneOf(...[argument, value, context]: Check): void {
  const attempts = listOf(argument).map((schema) => context.attempt(schema, value, context.pointer));
  const matching = attempts.filter(({ problems }) => problems.length === 0);
  for (const { seen } of matching) context.seeAll(seen);
  if (matching.length === 1 || attempts.length === 0) return;
  if (matching.length > 1) context.fail(`must match exactly one alternative, matches ${matching.length}`);
  else context.fail(`must match one of ${attempts.length} alternatives: ${nearestReason(attempts)}`);
}

/** First problem of the alternative that came nearest: the one with the fewest problems. */
function nearestReason(
  attempts: readonly { readonly problems: readonly { readonly pointer: string; readonly message: string }[] }[],
): string {
  const [nearest] = [...attempts].sort((a, b) => a.problems.length - b.problems.length);
  const problem = nearest?.problems[0];
  return problem === undefined ? "none given" : `${problem.pointer || "the value"} ${problem.message}`;
}

function checkNot(...[argument, value, context]: Check): void {
  if (context.attempt(argument, value, context.pointer).problems.length === 0)
    context.fail("must not match the schema");
}

function checkCondition(...[argument, value, context]: Check): void {
  const { problems, seen } = context.attempt(argument, value, context.pointer);
  if (problems.length === 0) context.seeAll(seen);
  const branch = context.schema[problems.length === 0 ? "then" : "else"];
  if (branch !== undefined) context.seeAll(context.check(branch, value, context.pointer));
}

function checkUnevaluatedItems(...[argument, value, context]: Check): void {
  if (!isList(value)) return;
  for (const [index, item] of value.entries()) {
    if (context.seen?.items.has(index)) continue;
    if (argument === false) context.fail(`must not have the item ${index}`);
    else context.check(argument, item, below(context, index));
    context.see(index);
  }
}

function checkUnevaluatedProperties(...[argument, value, context]: Check): void {
  if (!isObject(value)) return;
  for (const [name, member] of Object.entries(value)) {
    if (context.seen?.members.has(name)) continue;
    if (argument === false) context.fail(`must not have the member "${name}"`);
    else context.check(argument, member, below(context, name));
    context.see(name);
  }
}
