import { countCodePoints, sliceCodePoints } from "./code-points.ts";
import { describe, fail } from "./errors.ts";
import { findIndices } from "./indices.ts";
import { getKey, isArray, isObject, type Json, type JsonObject, kindOf } from "./json.ts";
import type { Run } from "./run.ts";

/** `target[key]` as jq evaluates it. */
export function accessValue(run: Run, target: Json, key: Json): Json {
  if (typeof key === "string") {
    if (isObject(target)) return getKey(target, key);
    if (target === null) return null;
  } else if (typeof key === "number") {
    if (isArray(target)) return itemAt(target, key);
    if (target === null) return null;
  } else if (isObject(key)) {
    if (target === null || isArray(target) || typeof target === "string") return sliceByKey(run, target, key);
  } else if (isArray(key) && isArray(target)) {
    return findIndices(run, target, key);
  }
  return fail(`Cannot index ${kindOf(target)} with ${describe(key)}`);
}

/** Item of an array; fractions are cut, negative numbers count from the end, NaN finds nothing. */
export function itemAt(items: readonly Json[], index: number): Json {
  const at = Math.trunc(index);
  return items[at < 0 ? at + items.length : at] ?? null;
}

/** A range of positions within a sequence. */
export interface Range {
  readonly from: number;
  readonly to: number;
}

/** Positions that a slice means in a sequence of a length. */
export function resolveSlice(length: number, from: Json, to: Json): Range {
  if ((from !== null && typeof from !== "number") || (to !== null && typeof to !== "number")) {
    fail("Array/string slice indices must be integers");
  }
  let start = from === null || Number.isNaN(from) ? 0 : from;
  let end = to === null || Number.isNaN(to) ? length : to;
  if (start < 0) start += length;
  if (end < 0) end += length;
  start = Math.floor(Math.min(Math.max(start, 0), length));
  end = Math.ceil(Math.min(end, length));
  return { from: start, to: Math.max(end, start) };
}

/** `target[from:to]`; null stays null. */
export function sliceValue(run: Run, target: Json, from: Json, to: Json): Json {
  if (target === null) return null;
  if (isArray(target)) {
    const range = resolveSlice(target.length, from, to);
    run.tick((range.to - range.from) >> 2);
    return target.slice(range.from, range.to);
  }
  if (typeof target === "string") {
    run.tick(target.length >> 5);
    const range = resolveSlice(countCodePoints(target), from, to);
    return sliceCodePoints(target, range.from, range.to);
  }
  return fail(`Cannot index ${kindOf(target)} with ${describe({ start: from, end: to })}`);
}

/** Bounds of a slice that is given as an object; both keys must be there. */
export function sliceBounds(key: JsonObject): { readonly from: Json; readonly to: Json } {
  if (!Object.hasOwn(key, "start") || !Object.hasOwn(key, "end")) fail("Array/string slice indices must be integers");
  return { from: getKey(key, "start"), to: getKey(key, "end") };
}

function sliceByKey(run: Run, target: Json, key: JsonObject): Json {
  if (target === null) return null;
  const { from, to } = sliceBounds(key);
  return sliceValue(run, target, from, to);
}
