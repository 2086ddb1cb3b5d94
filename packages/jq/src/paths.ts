import { accessValue, resolveSlice, sliceBounds } from "./access.ts";
import type { Owned } from "./code.ts";
import { compareValues, equalValues } from "./compare.ts";
import { fail } from "./errors.ts";
import { copyObject, isArray, isObject, type Json, type JsonObject, kindOf, setKey } from "./json.ts";
import type { Run } from "./run.ts";

const MAX_PATH_LENGTH = 10_000;
const MAX_ARRAY_INDEX = 536_870_911;

function checkPath(path: readonly Json[]): void {
  if (path.length > MAX_PATH_LENGTH) fail("Path too deep");
}

/** Value at a path; null has null under every key that an object, an array or a slice can have. */
export function getPath(run: Run, root: Json, path: readonly Json[]): Json {
  checkPath(path);
  let value = root;
  for (const key of path) {
    run.tick(1);
    value = accessValue(run, value, key);
  }
  return value;
}

/** A root with the value at a path replaced; copies what is not owned. */
export function setPath(run: Run, root: Json, path: readonly Json[], value: Json, owned: Owned): Json {
  checkPath(path);
  const chain: Json[] = [root];
  for (const key of path) chain.push(accessValue(run, chain[chain.length - 1]!, key));
  let result = value;
  for (let i = path.length - 1; i >= 0; i--) {
    run.tick(1);
    result = setAt(run, chain[i]!, path[i]!, result, owned);
  }
  return result;
}

function setAt(run: Run, target: Json, key: Json, value: Json, owned: Owned): Json {
  if (typeof key === "string" && (target === null || isObject(target))) {
    const copy = ownObject(run, target, owned);
    setKey(copy, key, value);
    return copy;
  }
  if (typeof key === "number" && (target === null || isArray(target)))
    return setItem(run, target ?? [], key, value, owned);
  if (isObject(key) && (target === null || isArray(target))) return setSlice(run, target ?? [], key, value);
  if (isObject(key) && typeof target === "string") fail("Cannot update string slices");
  return fail(`Cannot update field at ${isObject(key) ? "object" : kindOf(key)} index of ${kindOf(target)}`);
}

function ownObject(run: Run, target: JsonObject | null, owned: Owned): { [key: string]: Json } {
  if (target !== null && owned.has(target)) return target as { [key: string]: Json };
  const copy = target === null ? {} : copyObject(target);
  if (target !== null) run.tick(Object.keys(copy).length >> 3);
  owned.add(copy);
  return copy;
}

function setItem(run: Run, target: readonly Json[], index: number, value: Json, owned: Owned): Json {
  if (Number.isNaN(index)) fail("Cannot set array element at NaN index");
  const at = Math.trunc(index);
  const place = at < 0 ? at + target.length : at;
  if (place < 0) fail("Out of bounds negative array index");
  if (place > MAX_ARRAY_INDEX) fail("Array index too large");
  run.checkItems(place);
  let copy = target as Json[];
  if (!owned.has(target)) {
    copy = target.slice();
    run.tick(copy.length >> 3);
    owned.add(copy);
  }
  if (place > copy.length) run.tick((place - copy.length) >> 3);
  while (copy.length < place) copy.push(null);
  copy[place] = value;
  return copy;
}

function setSlice(run: Run, target: readonly Json[], key: JsonObject, value: Json): Json {
  const { from, to } = sliceBounds(key);
  const range = resolveSlice(target.length, from, to);
  if (!isArray(value)) return fail("A slice of an array can only be assigned another array");
  run.checkItems(target.length + value.length);
  run.tick((target.length + value.length) >> 3);
  return [...target.slice(0, range.from), ...value, ...target.slice(range.to)];
}

/** A root without the values at the paths. */
export function deletePaths(run: Run, root: Json, paths: readonly Json[]): Json {
  const sorted: (readonly Json[])[] = [];
  for (const path of paths) {
    if (!isArray(path)) return fail(`Path must be specified as array, not ${kindOf(path)}`);
    checkPath(path);
    sorted.push(path);
  }
  if (sorted.length === 0) return root;
  sorted.sort((a, b) => compareValues(a, b, run));
  if (sorted[0]?.length === 0) return null;
  return deleteSorted(run, root, sorted, 0);
}

function deleteSorted(run: Run, root: Json, paths: readonly (readonly Json[])[], start: number): Json {
  let result = root;
  const doomed: Json[] = [];
  for (let i = 0; i < paths.length; ) {
    run.tick(1);
    const path = paths[i]!;
    const key = path[start]!;
    let end = i;
    while (end < paths.length && equalValues(key, paths[end]![start]!, run)) end++;
    if (end === i) end++;
    if (path.length === start + 1) doomed.push(key);
    else {
      const inner = accessValue(run, result, key);
      if (inner !== null) {
        result = setAt(run, result, key, deleteSorted(run, inner, paths.slice(i, end), start + 1), new Set());
      }
    }
    i = end;
  }
  return deleteKeys(run, result, doomed);
}

function deleteKeys(run: Run, target: Json, keys: readonly Json[]): Json {
  if (target === null || keys.length === 0) return target;
  if (isArray(target)) return deleteItems(run, target, keys);
  if (!isObject(target)) return fail(`Cannot delete fields from ${kindOf(target)}`);
  const copy = copyObject(target);
  for (const key of keys) {
    if (typeof key !== "string") return fail(`Cannot delete ${kindOf(key)} field of object`);
    delete copy[key];
  }
  run.tick(Object.keys(copy).length >> 3);
  return copy;
}

function deleteItems(run: Run, target: readonly Json[], keys: readonly Json[]): Json {
  const gone = new Set<number>();
  for (const key of keys) {
    if (typeof key === "number") {
      const at = Math.trunc(key);
      gone.add(at < 0 ? at + target.length : at);
    } else if (isObject(key)) {
      const { from, to } = sliceBounds(key);
      const range = resolveSlice(target.length, from, to);
      for (let i = range.from; i < range.to; i++) gone.add(i);
    } else fail(`Cannot delete ${kindOf(key)} element of array`);
  }
  run.tick(target.length >> 3);
  return target.filter((_, index) => !gone.has(index));
}
