import type { BinaryOperator } from "./ast.ts";
import { compareValues, equalValues } from "./compare.ts";
import { describe, fail } from "./errors.ts";
import { copyObject, getKey, isArray, isObject, type Json, type JsonObject, setKey } from "./json.ts";
import type { Run } from "./run.ts";

const MAX_MERGE_DEPTH = 10_000;
const MAX_REPEATED_LENGTH = 2_147_483_647;

/** Applies a binary operator to two values. */
export function applyOperator(run: Run, operator: BinaryOperator, a: Json, b: Json): Json {
  switch (operator) {
    case "+":
      return addValues(run, a, b);
    case "-":
      return subtractValues(run, a, b);
    case "*":
      return multiplyValues(run, a, b);
    case "/":
      return divideValues(run, a, b);
    case "%":
      return moduloValues(a, b);
    case "==":
      return equalValues(a, b, run);
    case "!=":
      return !equalValues(a, b, run);
    case "<":
      return compareValues(a, b, run) < 0;
    case "<=":
      return compareValues(a, b, run) <= 0;
    case ">":
      return compareValues(a, b, run) > 0;
    case ">=":
      return compareValues(a, b, run) >= 0;
  }
}

/** jq's `+`: numbers, strings, arrays, objects; null is neutral. */
export function addValues(run: Run, a: Json, b: Json): Json {
  if (typeof a === "number" && typeof b === "number") return a + b;
  if (a === null) return b;
  if (b === null) return a;
  if (typeof a === "string" && typeof b === "string") {
    run.checkText(a.length + b.length);
    return a + b;
  }
  if (isArray(a) && isArray(b)) {
    run.checkItems(a.length + b.length);
    run.tick((a.length + b.length) >> 3);
    return a.concat(b);
  }
  if (isObject(a) && isObject(b)) {
    const sum = { ...a, ...b };
    run.tick(Object.keys(sum).length >> 3);
    return sum;
  }
  return fail(`${describe(a)} and ${describe(b)} cannot be added`);
}

function subtractValues(run: Run, a: Json, b: Json): Json {
  if (typeof a === "number" && typeof b === "number") return a - b;
  if (isArray(a) && isArray(b)) {
    return a.filter((item) => {
      run.tick(1 + (b.length >> 2));
      return !b.some((other) => equalValues(item, other, run));
    });
  }
  return fail(`${describe(a)} and ${describe(b)} cannot be subtracted`);
}

function multiplyValues(run: Run, a: Json, b: Json): Json {
  if (typeof a === "number" && typeof b === "number") return a * b;
  if (typeof a === "string" && typeof b === "number") return repeatText(run, a, b);
  if (typeof a === "number" && typeof b === "string") return repeatText(run, b, a);
  if (isObject(a) && isObject(b)) return mergeObjects(run, a, b);
  return fail(`${describe(a)} and ${describe(b)} cannot be multiplied`);
}

function repeatText(run: Run, text: string, times: number): Json {
  if (!(times >= 0)) return null;
  const count = Math.floor(times);
  if (text === "") return "";
  if (text.length * count > MAX_REPEATED_LENGTH) return fail("Repeat string result too long");
  run.checkText(text.length * count);
  run.tick((text.length * count) >> 4);
  return text.repeat(count);
}

/** Merges objects on both sides of a key; by hand, because data may be deep. */
function mergeObjects(run: Run, a: JsonObject, b: JsonObject): Json {
  const root = copyObject(a);
  const stack: { readonly into: { [key: string]: Json }; readonly from: JsonObject; readonly depth: number }[] = [
    { into: root, from: b, depth: 0 },
  ];
  for (let top = stack.pop(); top !== undefined; top = stack.pop()) {
    if (top.depth > MAX_MERGE_DEPTH) fail("Object merge too deep");
    run.tick(1 + (Object.keys(top.into).length >> 3));
    for (const key of Object.keys(top.from)) {
      const left = getKey(top.into, key);
      const right = getKey(top.from, key);
      if (!isObject(left) || !isObject(right)) setKey(top.into, key, right);
      else {
        const inner = copyObject(left);
        setKey(top.into, key, inner);
        stack.push({ into: inner, from: right, depth: top.depth + 1 });
      }
    }
  }
  return root;
}

function divideValues(run: Run, a: Json, b: Json): Json {
  if (typeof a === "number" && typeof b === "number") {
    if (b === 0) fail(`${describe(a)} and ${describe(b)} cannot be divided because the divisor is zero`);
    return a / b;
  }
  if (typeof a === "string" && typeof b === "string") return splitText(run, a, b);
  return fail(`${describe(a)} and ${describe(b)} cannot be divided`);
}

/** Parts of a text between separators; an empty separator splits into code points. */
export function splitText(run: Run, text: string, separator: string): Json {
  if (text === "") return [];
  const parts = separator === "" ? Array.from(text) : text.split(separator);
  run.checkItems(parts.length);
  run.tick(parts.length >> 2);
  return parts;
}

function moduloValues(a: Json, b: Json): Json {
  if (typeof a !== "number" || typeof b !== "number")
    return fail(`${describe(a)} and ${describe(b)} cannot be divided (remainder)`);
  if (Number.isNaN(a) || Number.isNaN(b)) return Number.NaN;
  const x = toInteger(a);
  const y = toInteger(b);
  if (y === 0n)
    return fail(`${describe(a)} and ${describe(b)} cannot be divided (remainder) because the divisor is zero`);
  const rest = Number(x % (y < 0n ? -y : y));
  return rest === 0 ? 0 : rest;
}

const MAX_INTEGER = 9_223_372_036_854_775_807n;

/** Cuts a double to a signed 64-bit integer, clamped at both ends. */
function toInteger(value: number): bigint {
  if (value >= 9.223372036854776e18) return MAX_INTEGER;
  if (value <= -9.223372036854776e18) return -MAX_INTEGER - 1n;
  return BigInt(Math.trunc(value));
}
