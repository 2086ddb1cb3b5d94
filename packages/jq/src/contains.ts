import { describe, fail } from "./errors.ts";
import { equalValues, getKey, isArray, isObject, type Json, kindOf } from "./json.ts";
import type { Run } from "./run.ts";

const MAX_CONTAINS_DEPTH = 10_000;

/** jq's `contains`: parts of strings, some item of an array, some value under a key. */
export function containsValue(run: Run, whole: Json, part: Json): Json {
  if (kindOf(whole) !== kindOf(part)) {
    return fail(`${describe(whole)} and ${describe(part)} cannot have their containment checked`);
  }
  return contains(run, whole, part, 0);
}

function contains(run: Run, whole: Json, part: Json, depth: number): boolean {
  if (depth > MAX_CONTAINS_DEPTH) fail("Containment check too deep");
  run.tick(1);
  if (isObject(whole) && isObject(part)) {
    return Object.keys(part).every(
      (key) => Object.hasOwn(whole, key) && contains(run, getKey(whole, key), getKey(part, key), depth + 1),
    );
  }
  if (isArray(whole) && isArray(part)) {
    return part.every((wanted) => whole.some((item) => contains(run, item, wanted, depth + 1)));
  }
  if (typeof whole === "string" && typeof part === "string") return whole.includes(part);
  return equalValues(whole, part, run, 0);
}
