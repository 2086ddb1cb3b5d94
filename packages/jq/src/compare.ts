import {
  compareStrings,
  getKey,
  isArray,
  isObject,
  type Json,
  type JsonObject,
  type Meter,
  sortedKeys,
} from "./json.ts";
import { fail } from "./raise.ts";

/** Deepest nesting that comparisons follow, as in jq 1.8. */
const MAX_COMPARE_DEPTH = 10_000;

/** Nesting up to which comparisons use the host's stack; deeper values go on by hand. */
const RECURSION_DEPTH = 200;

/**
 * jq's total order: null, false, true, numbers, strings, arrays, objects; negative, zero or positive.
 *
 * @throws {Raise} for values nested more than 10,000 levels
 */
export function compareValues(a: Json, b: Json, meter: Meter | undefined): number {
  return compareAt(a, b, meter, 0);
}

function compareAt(a: Json, b: Json, meter: Meter | undefined, depth: number): number {
  const flat = compareFlat(a, b);
  if (flat !== undefined) return flat;
  meter?.tick(1);
  if (depth >= RECURSION_DEPTH) return compareDeep(a, b, meter, depth);
  if (isArray(a) && isArray(b)) return compareArrays(a, b, meter, depth);
  return isObject(a) && isObject(b) ? compareObjects(a, b, meter, depth) : 0;
}

/** Order of two values unless both are arrays or both are objects. */
function compareFlat(a: Json, b: Json): number | undefined {
  if (typeof a === "number" && typeof b === "number") return a < b ? -1 : a === b ? 0 : compareUnequal(a, b);
  if (typeof a === "string" && typeof b === "string") return compareStrings(a, b);
  const rankA = rankKind(a);
  const rankB = rankKind(b);
  if (rankA !== rankB) return rankA - rankB;
  return rankA < 6 ? 0 : undefined;
}

/** NaN sorts below every number, itself included, as in jq. */
function compareUnequal(a: number, b: number): number {
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
    const order = compareAt(a[i]!, b[i]!, meter, depth + 1);
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

function compareObjects(a: JsonObject, b: JsonObject, meter: Meter | undefined, depth: number): number {
  const keys = sortedKeys(a);
  const byKeys = compareArrays(keys, sortedKeys(b), meter, depth);
  if (byKeys !== 0) return byKeys;
  for (const key of keys) {
    const order = compareAt(getKey(a, key), getKey(b, key), meter, depth + 1);
    if (order !== 0) return order;
  }
  return 0;
}

interface Pair {
  readonly a: Json;
  readonly b: Json;
  readonly depth: number;
}

/** Compares with a stack of pairs; a number on the stack is an order that holds when all before it was equal. */
function compareDeep(a: Json, b: Json, meter: Meter | undefined, depth: number): number {
  const stack: (Pair | number)[] = [{ a, b, depth }];
  for (let top = stack.pop(); top !== undefined; top = stack.pop()) {
    const order = typeof top === "number" ? top : compareFlat(top.a, top.b);
    if (order !== undefined && order !== 0) return order;
    if (typeof top === "number" || order === 0) continue;
    meter?.tick(1);
    if (top.depth > MAX_COMPARE_DEPTH) fail("Comparison too deep");
    const below = pairsOf(top.a, top.b, top.depth + 1);
    if (isArray(top.a) && isArray(top.b)) stack.push(top.a.length - top.b.length);
    else if (isObject(top.a) && isObject(top.b)) {
      const byKeys = compareArrays(sortedKeys(top.a), sortedKeys(top.b), meter, 0);
      if (byKeys !== 0) return byKeys;
    }
    for (const pair of below.reverse()) stack.push(pair);
  }
  return 0;
}

function pairsOf(a: Json, b: Json, depth: number): Pair[] {
  if (isArray(a) && isArray(b)) {
    return Array.from({ length: Math.min(a.length, b.length) }, (_, i) => ({ a: a[i]!, b: b[i]!, depth }));
  }
  if (!isObject(a) || !isObject(b)) return [];
  return sortedKeys(a).map((key) => ({ a: getKey(a, key), b: getKey(b, key), depth }));
}

/**
 * jq's `==`; NaN equals nothing.
 *
 * @throws {Raise} for values nested more than 10,000 levels
 */
export function equalValues(a: Json, b: Json, meter: Meter | undefined): boolean {
  return equalAt(a, b, meter, 0);
}

function equalAt(a: Json, b: Json, meter: Meter | undefined, depth: number): boolean {
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return a === b;
  meter?.tick(1);
  if (depth >= RECURSION_DEPTH) return equalDeep(a, b, meter, depth);
  if (isArray(a)) return isArray(b) && equalArrays(a, b, meter, depth);
  if (isArray(b)) return false;
  const keys = Object.keys(a);
  if (keys.length !== Object.keys(b).length) return false;
  for (const key of keys) {
    if (!Object.hasOwn(b, key) || !equalAt(getKey(a, key), getKey(b, key), meter, depth + 1)) return false;
  }
  return true;
}

function equalArrays(a: readonly Json[], b: readonly Json[], meter: Meter | undefined, depth: number): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) {
    if (!equalAt(a[i]!, b[i]!, meter, depth + 1)) return false;
  }
  return true;
}

function equalDeep(a: Json, b: Json, meter: Meter | undefined, depth: number): boolean {
  const stack: Pair[] = [{ a, b, depth }];
  for (let top = stack.pop(); top !== undefined; top = stack.pop()) {
    if (typeof top.a !== "object" || typeof top.b !== "object" || top.a === null || top.b === null) {
      if (top.a !== top.b) return false;
      continue;
    }
    meter?.tick(1);
    if (top.depth > MAX_COMPARE_DEPTH) fail("Equality check too deep");
    if (!sameShape(top.a, top.b)) return false;
    stack.push(...pairsOf(top.a, top.b, top.depth + 1));
  }
  return true;
}

function sameShape(a: Json, b: Json): boolean {
  if (isArray(a) && isArray(b)) return a.length === b.length;
  if (!isObject(a) || !isObject(b)) return false;
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => Object.hasOwn(b, key));
}
