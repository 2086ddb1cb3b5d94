import { equalValues } from "./compare.ts";
import { describe, fail } from "./errors.ts";
import { getKey, isArray, isObject, type Json, type JsonObject, kindOf } from "./json.ts";
import type { Run } from "./run.ts";

const MAX_CONTAINS_DEPTH = 10_000;

/** jq's `contains`: parts of strings, some item of an array, some value under a key. */
export function containsValue(run: Run, whole: Json, part: Json): Json {
  if (kindOf(whole) !== kindOf(part)) {
    return fail(`${describe(whole)} and ${describe(part)} cannot have their containment checked`);
  }
  return contains(run, whole, part, 0);
}

/** The last comparison of each level goes on in the same call, because data may be deep. */
function contains(run: Run, outer: Json, inner: Json, from: number): boolean {
  let whole = outer;
  let part = inner;
  for (let depth = from; ; depth++) {
    if (depth > MAX_CONTAINS_DEPTH) fail("Containment check too deep");
    run.tick(1);
    const last =
      isArray(whole) && isArray(part)
        ? lastOfArrays(run, whole, part, depth)
        : isObject(whole) && isObject(part)
          ? lastOfObjects(run, whole, part, depth)
          : containsFlat(run, whole, part);
    if (typeof last === "boolean") return last;
    whole = last.whole;
    part = last.part;
  }
}

interface Pair {
  readonly whole: Json;
  readonly part: Json;
}

function containsFlat(run: Run, whole: Json, part: Json): boolean {
  if (typeof whole === "string" && typeof part === "string") {
    run.tick(whole.length >> 5);
    return whole.includes(part);
  }
  return equalValues(whole, part, run);
}

/** The answer, or the pair that it hangs on. */
function lastOfObjects(run: Run, whole: JsonObject, part: JsonObject, depth: number): boolean | Pair {
  const keys = Object.keys(part);
  for (const [index, key] of keys.entries()) {
    if (!Object.hasOwn(whole, key)) return false;
    const pair = { whole: getKey(whole, key), part: getKey(part, key) };
    if (index === keys.length - 1) return pair;
    if (!contains(run, pair.whole, pair.part, depth + 1)) return false;
  }
  return true;
}

function lastOfArrays(run: Run, whole: readonly Json[], part: readonly Json[], depth: number): boolean | Pair {
  for (const [index, wanted] of part.entries()) {
    const [only] = whole;
    if (index === part.length - 1 && whole.length === 1 && only !== undefined) return { whole: only, part: wanted };
    if (!whole.some((item) => contains(run, item, wanted, depth + 1))) return false;
  }
  return true;
}
