/** A JSON value as the engine reads and makes it; plain data, never changed in place once it was an output. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** An object value of JSON. */
export type JsonObject = { readonly [key: string]: Json };

/** jq's names of kinds, as `type` answers them. */
export type JsonKind = "null" | "boolean" | "number" | "string" | "array" | "object";

/** Kind of a value in jq's words. */
export function kindOf(value: Json): JsonKind {
  if (value === null) return "null";
  switch (typeof value) {
    case "boolean":
      return "boolean";
    case "number":
      return "number";
    case "string":
      return "string";
    default:
      return Array.isArray(value) ? "array" : "object";
  }
}

/** True for arrays, narrowing to a readonly array of values. */
export function isArray(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}

/** True for objects that are not arrays. */
export function isObject(value: Json): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** jq's truth: everything but `false` and `null`. */
export function isTruthy(value: Json): boolean {
  return value !== false && value !== null;
}

/** Own property of an object, `null` when absent; names such as `constructor` find data only. */
export function getKey(object: JsonObject, key: string): Json {
  return Object.hasOwn(object, key) ? (object[key] ?? null) : null;
}

/**
 * Sets an own data property on an object under construction.
 *
 * `__proto__` would reach the prototype through plain assignment, so it is defined instead.
 */
export function setKey(object: { [key: string]: Json }, key: string, value: Json): void {
  if (key === "__proto__") {
    Object.defineProperty(object, key, { value, writable: true, enumerable: true, configurable: true });
  } else {
    object[key] = value;
  }
}

/** Shallow copy of an object that keeps an own `__proto__` key as data. */
export function copyObject(object: JsonObject): { [key: string]: Json } {
  return { ...object };
}

/** Keys in jq's order (by code point). */
export function sortedKeys(object: JsonObject): string[] {
  return Object.keys(object).sort(compareStrings);
}

/** Order of strings by code point; UTF-16 order differs where surrogates meet U+E000 to U+FFFF. */
export function compareStrings(a: string, b: string): number {
  if (a === b) return 0;
  const end = Math.min(a.length, b.length);
  for (let i = 0; i < end; i++) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x !== y) return rankUnit(x) - rankUnit(y);
  }
  return a.length - b.length;
}

function rankUnit(unit: number): number {
  if (unit < 0xd800) return unit;
  return unit < 0xe000 ? unit + 0x2000 : unit - 0x800;
}

/** Counts work on behalf of a run; walks over values call it once per visited value. */
export interface Meter {
  /** Throws a limit error when the budget of steps or time is used up. */
  tick(cost: number): void;
}

/** Deepest nesting that comparisons follow, as in jq 1.8. */
export const MAX_COMPARE_DEPTH = 10_000;

/** Reported by deep walks; the caller turns it into jq's error text. */
export class TooDeep {}

/** jq's total order: null, false, true, numbers, strings, arrays, objects. Negative, zero or positive. */
export function compareJson(a: Json, b: Json): number {
  return compareValues(a, b, undefined, 0);
}

/** As {@link compareJson} with a meter for untrusted sizes. */
export function compareValues(a: Json, b: Json, meter: Meter | undefined, depth: number): number {
  if (typeof a === "number" && typeof b === "number") return a < b ? -1 : a === b ? 0 : compareUnequalNumbers(a, b);
  if (typeof a === "string" && typeof b === "string") return compareStrings(a, b);
  const rankA = rankKind(a);
  const rankB = rankKind(b);
  if (rankA !== rankB) return rankA - rankB;
  if (depth > MAX_COMPARE_DEPTH) throw new TooDeep();
  meter?.tick(1);
  if (isArray(a) && isArray(b)) return compareArrays(a, b, meter, depth);
  if (isObject(a) && isObject(b)) return compareObjects(a, b, meter, depth);
  return 0;
}

/** NaN sorts below every number, itself included, as in jq. */
function compareUnequalNumbers(a: number, b: number): number {
  return Number.isNaN(a) ? -1 : Number.isNaN(b) ? 1 : a - b;
}

function rankKind(value: Json): number {
  if (value === null) return 1;
  if (value === false) return 2;
  if (value === true) return 3;
  if (typeof value === "number") return 4;
  if (typeof value === "string") return 5;
  return Array.isArray(value) ? 6 : 7;
}

function compareArrays(a: readonly Json[], b: readonly Json[], meter: Meter | undefined, depth: number): number {
  const end = Math.min(a.length, b.length);
  for (let i = 0; i < end; i++) {
    const order = compareValues(a[i]!, b[i]!, meter, depth + 1);
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

function compareObjects(a: JsonObject, b: JsonObject, meter: Meter | undefined, depth: number): number {
  const keysA = sortedKeys(a);
  const keysB = sortedKeys(b);
  const byKeys = compareArrays(keysA, keysB, meter, depth);
  if (byKeys !== 0) return byKeys;
  for (const key of keysA) {
    const order = compareValues(getKey(a, key), getKey(b, key), meter, depth + 1);
    if (order !== 0) return order;
  }
  return 0;
}

/** jq's `==`; NaN equals nothing. */
export function equalJson(a: Json, b: Json): boolean {
  return equalValues(a, b, undefined, 0);
}

/** As {@link equalJson} with a meter for untrusted sizes. */
export function equalValues(a: Json, b: Json, meter: Meter | undefined, depth: number): boolean {
  if (a === b && (typeof a !== "object" || depth === 0)) {
    if (typeof a !== "object" || a === null) return true;
  }
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return a === b;
  if (depth > MAX_COMPARE_DEPTH) throw new TooDeep();
  meter?.tick(1);
  if (isArray(a)) return isArray(b) && equalArrays(a, b, meter, depth);
  if (isArray(b)) return false;
  const keys = Object.keys(a);
  if (keys.length !== Object.keys(b).length) return false;
  for (const key of keys) {
    if (!Object.hasOwn(b, key) || !equalValues(getKey(a, key), getKey(b, key), meter, depth + 1)) return false;
  }
  return true;
}

function equalArrays(a: readonly Json[], b: readonly Json[], meter: Meter | undefined, depth: number): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) {
    if (!equalValues(a[i]!, b[i]!, meter, depth + 1)) return false;
  }
  return true;
}
