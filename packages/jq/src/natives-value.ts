import { addValues } from "./arithmetic.ts";
import { codeOfEach, codeOfOne } from "./code.ts";
import { countCodePoints, toUtf8 } from "./code-points.ts";
import { containsValue } from "./contains.ts";
import { describe, fail, Raise } from "./errors.ts";
import { getKey, isArray, isObject, isTruthy, type Json, kindOf, setKey, sortedKeys } from "./json.ts";
import { parseNumber, readJson } from "./json-parse.ts";
import { writeJson } from "./json-text.ts";
import { collect } from "./leaving.ts";
import { type Natives, native0, native1 } from "./native.ts";
import type { Run } from "./run.ts";

/** Text of a value as `tostring` gives it: strings stay as they are. */
export function toText(run: Run, value: Json): string {
  if (typeof value === "string") return value;
  return toJson(run, value);
}

/** JSON text of a value within the budgets of the run. */
export function toJson(run: Run, value: Json): string {
  const text = writeJson(value, {}, run);
  run.checkText(text.length);
  return text;
}

/** jq's `length`: code points, items, keys, or the size of a number. */
export function lengthOf(value: Json): number {
  if (value === null) return 0;
  if (typeof value === "string") return countCodePoints(value);
  if (typeof value === "number") return Math.abs(value);
  if (isArray(value)) return value.length;
  if (isObject(value)) return Object.keys(value).length;
  return fail(`${describe(value)} has no length`);
}

function keysOf(value: Json, sorted: "sorted" | "unsorted"): Json {
  if (isArray(value)) return value.map((_, index) => index);
  if (isObject(value)) return sorted === "sorted" ? sortedKeys(value) : Object.keys(value);
  return fail(`${describe(value)} has no keys`);
}

function hasKey(value: Json, key: Json): Json {
  if (isObject(value) && typeof key === "string") return Object.hasOwn(value, key);
  if (isArray(value) && typeof key === "number") return key >= 0 && key < value.length;
  if (value === null) return false;
  return fail(`Cannot check whether ${kindOf(value)} has a ${kindOf(key)} key`);
}

function toNumber(value: Json): Json {
  if (typeof value === "number") return value;
  const number = typeof value === "string" ? parseNumber(value) : undefined;
  return number ?? fail(`${describe(value)} cannot be parsed as a number`);
}

function toBoolean(value: Json): Json {
  if (typeof value === "boolean") return value;
  if (value === "true") return true;
  return value === "false" ? false : fail(`${describe(value)} cannot be parsed as a boolean`);
}

function toEntries(run: Run, value: Json): Json {
  if (isArray(value)) return value.map((item, key) => ({ key, value: item }));
  if (!isObject(value)) return fail(`${describe(value)} has no keys`);
  run.tick(Object.keys(value).length);
  return Object.entries(value).map(([key, item]) => ({ key, value: item }));
}

const KEY_NAMES = ["key", "Key", "name", "Name"];

function fromEntries(run: Run, value: Json): Json {
  const items = isObject(value)
    ? Object.values(value)
    : isArray(value)
      ? value
      : fail(`Cannot iterate over ${describe(value)}`);
  const made: { [key: string]: Json } = {};
  for (const item of items) {
    run.tick(1);
    setKey(made, entryKey(item), entryValue(item));
  }
  return made;
}

function entryKey(item: Json): string {
  if (item !== null && !isObject(item)) return fail(`Cannot index ${kindOf(item)} with string ("key")`);
  const found = KEY_NAMES.map((name) => (item === null ? null : getKey(item, name))).find(isTruthy) ?? null;
  return typeof found === "string" ? found : fail(`Cannot use ${describe(found)} as object key`);
}

function entryValue(item: Json): Json {
  if (!isObject(item)) return null;
  return getKey(item, Object.hasOwn(item, "value") ? "value" : "Value");
}

/** Functions on values of any kind. */
export const VALUE_NATIVES: Natives = {
  "not/0": native0((_run, input) => !isTruthy(input)),
  "type/0": native0((_run, input) => kindOf(input)),
  "length/0": native0((run, input) => {
    if (typeof input === "string") run.tick(input.length >> 6);
    return lengthOf(input);
  }),
  "utf8bytelength/0": native0((run, input) => {
    if (typeof input !== "string") return fail(`${describe(input)} only strings have UTF-8 byte length`);
    run.tick(input.length >> 3);
    return toUtf8(input).length;
  }),
  "keys/0": native0((_run, input) => keysOf(input, "sorted")),
  "keys_unsorted/0": native0((_run, input) => keysOf(input, "unsorted")),
  "has/1": native1((_run, input, key) => hasKey(input, key)),
  "contains/1": native1((run, input, inner) => containsValue(run, input, inner)),
  "tostring/0": native0(toText),
  "tojson/0": native0(toJson),
  "fromjson/0": native0((run, input) => {
    if (typeof input !== "string") return fail(`${describe(input)} only strings can be parsed`);
    run.tick(input.length >> 4);
    return readJson(input);
  }),
  "tonumber/0": native0((_run, input) => toNumber(input)),
  "toboolean/0": native0((_run, input) => toBoolean(input)),
  "toarray/0": native0((_run, input) => (isArray(input) ? input : [input])),
  "to_entries/0": native0(toEntries),
  "from_entries/0": native0(fromEntries),
  "error/0": () =>
    codeOfOne((_run, _env, input) => {
      throw new Raise(input);
    }),
  "error/1": ([message]) =>
    codeOfEach((run, env, input) => {
      if (message !== undefined) {
        return message.each(run, env, input, (value) => {
          throw new Raise(value);
        });
      }
      return false;
    }),
  "add/0": native0((run, input) => {
    const items = isArray(input)
      ? input
      : isObject(input)
        ? Object.values(input)
        : fail(`Cannot iterate over ${describe(input)}`);
    const sum = new Sum(run);
    for (const item of items) sum.add(item);
    return sum.value;
  }),
  "add/1": ([source]) =>
    codeOfOne((run, env, input) => {
      const sum = new Sum(run);
      if (source !== undefined) collect(source, run, env, input, (value) => sum.add(value));
      return sum.value;
    }),
};

/** Adds values one by one; arrays and objects that it made itself grow in place. */
class Sum {
  value: Json = null;
  readonly #run: Run;
  #items: Json[] | undefined;
  #object: { [key: string]: Json } | undefined;

  constructor(run: Run) {
    this.#run = run;
  }

  add(next: Json): void {
    this.#run.tick(1);
    if (this.#items !== undefined && isArray(next)) {
      this.#run.tick(next.length >> 3);
      this.#run.checkItems(this.#items.length + next.length);
      for (const item of next) this.#items.push(item);
    } else if (this.#object !== undefined && isObject(next)) {
      for (const key of Object.keys(next)) setKey(this.#object, key, next[key]!);
      this.#run.tick(Object.keys(next).length >> 3);
    } else this.#addPlain(next);
  }

  #addPlain(next: Json): void {
    const before = this.value;
    if (isArray(before) && isArray(next)) {
      this.#items = [...before, ...next];
      this.value = this.#items;
    } else if (isObject(before) && isObject(next)) {
      this.#object = { ...before, ...next };
      this.value = this.#object;
    } else this.value = addValues(this.#run, before, next);
  }
}
