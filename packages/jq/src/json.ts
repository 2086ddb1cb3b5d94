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
  /** Throws a limit error when a text is too long. */
  checkText(length: number): void;
}
