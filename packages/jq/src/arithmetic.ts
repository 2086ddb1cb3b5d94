import type { BinaryOperator } from "./ast.ts";
import { describe, fail } from "./errors.ts";
import {
  compareValues,
  copyObject,
  equalValues,
  getKey,
  isArray,
  isObject,
  type Json,
  type JsonObject,
  setKey,
} from "./json.ts";
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
      return equalValues(a, b, run, 0);
    case "!=":
      return !equalValues(a, b, run, 0);
    case "<":
      return compareValues(a, b, run, 0) < 0;
    case "<=":
      return compareValues(a, b, run, 0) <= 0;
    case ">":
      return compareValues(a, b, run, 0) > 0;
    case ">=":
      return compareValues(a, b, run, 0) >= 0;
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
  if (isArray(a) && isArray(b)) return a.filter((item) => !b.some((other) => equalValues(item, other, run, 0)));
  return fail(`${describe(a)} and ${describe(b)} cannot be subtracted`);
}

function multiplyValues(run: Run, a: Json, b: Json): Json {
  if (typeof a === "number" && typeof b === "number") return a * b;
  if (typeof a === "string" && typeof b === "number") return repeatText(run, a, b);
  if (typeof a === "number" && typeof b === "string") return repeatText(run, b, a);
  if (isObject(a) && isObject(b)) return mergeObjects(run, a, b, 0);
  return fail(`${describe(a)} and ${describe(b)} cannot be multiplied`);
}

function repeatText(run: Run, text: string, times: number): Json {
  if (!(times >= 0)) return null;
  const count = times < 1 ? (times > 0 ? 1 : 0) : Math.floor(times);
  if (text === "") return "";
  if (text.length * count > MAX_REPEATED_LENGTH) return fail("Repeat string result too long");
  run.checkText(text.length * count);
  return text.repeat(count);
}

function mergeObjects(run: Run, a: JsonObject, b: JsonObject, depth: number): Json {
  if (depth > MAX_MERGE_DEPTH) fail("Object merge too deep");
  const merged = copyObject(a);
  run.tick(1 + (Object.keys(merged).length >> 3));
  for (const key of Object.keys(b)) {
    const left = getKey(merged, key);
    const right = getKey(b, key);
    setKey(merged, key, isObject(left) && isObject(right) ? mergeObjects(run, left, right, depth + 1) : right);
  }
  return merged;
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
    return fail(`${describe(a)} and ${describe(b)} cannot be divided`);
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
