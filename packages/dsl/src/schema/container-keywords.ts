import { isList, isObject, type Json } from "../json.ts";
import { matchesPattern } from "../patterns.ts";
import { canonicalText } from "../same-json.ts";
import { below, entriesOf, type Keyword, type KeywordContext, listOf } from "./schema-run.ts";

type Check = Parameters<Keyword>;

/** Keywords about lists and objects. `items` and `additionalProperties` stand after the ones they depend on. */
export const CONTAINER_KEYWORDS: readonly (readonly [string, Keyword])[] = [
  ["prefixItems", checkPrefixItems],
  ["items", checkItems],
  ["additionalItems", checkAdditionalItems],
  ["contains", checkContains],
  ["minItems", size(listLength, (length, limit) => length >= limit, "at least", "items")],
  ["maxItems", size(listLength, (length, limit) => length <= limit, "at most", "items")],
  ["uniqueItems", checkUnique],
  ["required", checkRequired],
  ["minProperties", size(memberCount, (length, limit) => length >= limit, "at least", "members")],
  ["maxProperties", size(memberCount, (length, limit) => length <= limit, "at most", "members")],
  ["propertyNames", checkNames],
  ["properties", checkProperties],
  ["patternProperties", checkPatternProperties],
  ["additionalProperties", checkAdditionalProperties],
  ["dependentRequired", checkDependentRequired],
  ["dependentSchemas", checkDependentSchemas],
  ["dependencies", checkDependencies],
];

function checkPrefixItems(...[argument, value, context]: Check): void {
  if (isList(value)) checkByPosition(listOf(argument), value, context);
}

/** Draft 7 allows a list of schemas here, which draft 2020-12 calls `prefixItems`. */
function checkItems(...[argument, value, context]: Check): void {
  if (!isList(value)) return;
  if (isList(argument)) checkByPosition(argument, value, context);
  else checkFrom(listOf(context.schema.prefixItems ?? null).length, argument, value, context);
}

function checkAdditionalItems(...[argument, value, context]: Check): void {
  const items = context.schema.items;
  if (isList(value) && isList(items)) checkFrom(items.length, argument, value, context);
}

function checkByPosition(schemas: readonly Json[], value: readonly Json[], context: KeywordContext): void {
  for (const [index, schema] of schemas.slice(0, value.length).entries()) {
    context.check(schema, value[index] ?? null, below(context, index));
    context.see(index);
  }
}

function checkFrom(start: number, schema: Json, value: readonly Json[], context: KeywordContext): void {
  for (let index = start; index < value.length; index++) {
    context.check(schema, value[index] ?? null, below(context, index));
    context.see(index);
  }
}

function checkContains(...[argument, value, context]: Check): void {
  if (!isList(value)) return;
  const matching = [...value.keys()].filter(
    (index) => context.attempt(argument, value[index] ?? null, below(context, index)).problems.length === 0,
  );
  for (const index of matching) context.see(index);
  const { minContains, maxContains } = context.schema;
  const least = typeof minContains === "number" ? minContains : 1;
  if (matching.length < least) context.fail(`must contain at least ${least} matching items, has ${matching.length}`);
  if (typeof maxContains === "number" && matching.length > maxContains) {
    context.fail(`must contain at most ${maxContains} matching items, has ${matching.length}`);
  }
}

function checkUnique(...[argument, value, context]: Check): void {
  if (argument !== true || !isList(value)) return;
  const known = new Map<string, number>();
  for (const [index, item] of value.entries()) {
    const text = canonicalText(item);
    context.run.spend(1 + text.length / 100);
    const before = known.get(text);
    if (before !== undefined) return context.fail(`must have unique items, ${before} and ${index} are equal`);
    known.set(text, index);
  }
}

function checkRequired(...[argument, value, context]: Check): void {
  if (!isObject(value)) return;
  for (const name of listOf(argument)) {
    if (typeof name === "string" && !Object.hasOwn(value, name)) context.fail(`must have the member "${name}"`);
  }
}

function checkNames(...[argument, value, context]: Check): void {
  if (!isObject(value)) return;
  for (const name of Object.keys(value)) {
    const { problems } = context.attempt(argument, name, below(context, name));
    if (problems[0] !== undefined) context.fail(`must not have the member "${name}": its name ${problems[0].message}`);
  }
}

function checkProperties(...[argument, value, context]: Check): void {
  if (!isObject(value)) return;
  for (const [name, schema] of entriesOf(argument)) {
    if (!Object.hasOwn(value, name)) continue;
    context.check(schema, value[name] ?? null, below(context, name));
    context.see(name);
  }
}

function checkPatternProperties(...[argument, value, context]: Check): void {
  if (!isObject(value)) return;
  for (const [pattern, schema] of entriesOf(argument)) {
    for (const [name, member] of Object.entries(value)) {
      if (!nameMatches(pattern, name, context)) continue;
      context.check(schema, member, below(context, name));
      context.see(name);
    }
  }
}

function checkAdditionalProperties(...[argument, value, context]: Check): void {
  if (!isObject(value)) return;
  const { properties, patternProperties } = context.schema;
  const patterns = entriesOf(patternProperties ?? null).map(([pattern]) => pattern);
  for (const [name, member] of Object.entries(value)) {
    if (isObject(properties) && Object.hasOwn(properties, name)) continue;
    if (patterns.some((pattern) => nameMatches(pattern, name, context))) continue;
    if (argument === false) context.fail(`must not have the member "${name}"`);
    else context.check(argument, member, below(context, name));
    context.see(name);
  }
}

function nameMatches(pattern: string, name: string, context: KeywordContext): boolean {
  context.run.spend(1 + name.length / 100);
  return matchesPattern(pattern, name) === "yes";
}

function checkDependentRequired(...[argument, value, context]: Check): void {
  if (!isObject(value)) return;
  for (const [name, required] of entriesOf(argument)) {
    if (!Object.hasOwn(value, name)) continue;
    for (const other of listOf(required)) {
      if (typeof other === "string" && !Object.hasOwn(value, other)) {
        context.fail(`must have the member "${other}" because it has "${name}"`);
      }
    }
  }
}

function checkDependentSchemas(...[argument, value, context]: Check): void {
  if (!isObject(value)) return;
  for (const [name, schema] of entriesOf(argument)) {
    if (Object.hasOwn(value, name)) context.seeAll(context.check(schema, value, context.pointer));
  }
}

/** Draft 7's word for both dependent keywords. */
function checkDependencies(...[argument, value, context]: Check): void {
  for (const [name, dependency] of entriesOf(argument)) {
    const check = isList(dependency) ? checkDependentRequired : checkDependentSchemas;
    check(Object.fromEntries([[name, dependency]]), value, context);
  }
}

function listLength(value: Json): number | undefined {
  return isList(value) ? value.length : undefined;
}

function memberCount(value: Json): number | undefined {
  return isObject(value) ? Object.keys(value).length : undefined;
}

function size(
  measure: (value: Json) => number | undefined,
  holds: (length: number, limit: number) => boolean,
  words: string,
  unit: string,
): Keyword {
  return (argument, value, context) => {
    const length = measure(value);
    if (length === undefined || typeof argument !== "number" || holds(length, argument)) return;
    context.fail(`must have ${words} ${argument} ${unit}, has ${length}`);
  };
}
