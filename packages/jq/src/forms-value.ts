import { applyOperator } from "./arithmetic.ts";
import type { BinaryOperator } from "./ast.ts";
import { type Code, codeOfEach, codeOfOne, type Each, type Env, type One } from "./code.ts";
import { equalValues } from "./compare.ts";
import { describe, fail } from "./errors.ts";
import { type Json, kindOf, setKey } from "./json.ts";
import { collect } from "./leaving.ts";
import type { Run } from "./run.ts";

/** `.` */
export const IDENTITY: Code = codeOfOne(
  (_run, _env, input) => input,
  (_run, _env, path, input, emit) => emit(path, input),
);

/** A literal. */
export function makeConstant(value: Json): Code {
  return { ...codeOfOne(() => value), constant: value };
}

/** `[body]` */
export function makeArray(body: Code | undefined): Code {
  if (body === undefined) return codeOfOne(() => []);
  const { one } = body;
  if (one !== undefined) {
    return codeOfOne((run, env, input) => {
      const value = one(run, env, input);
      return value === undefined ? [] : [value];
    });
  }
  return codeOfOne((run, env, input) => {
    const items: Json[] = [];
    collect(body, run, env, input, (value) => {
      items.push(value);
      run.tick(1);
      if (items.length > run.maxSizeItems) run.checkItems(items.length);
    });
    return items;
  });
}

/** Code of one key and value of an object construction. */
export interface EntryCode {
  readonly key: Code;
  readonly value: Code;
}

/** `{key: value, ...}`; the first entry varies slowest. */
export function makeObject(entries: readonly EntryCode[], at: number): Code {
  const ones = toOnes(entries);
  if (ones !== undefined) return codeOfOne(constructOne(ones, at));
  const step = (
    run: Run,
    env: Env | undefined,
    input: Json,
    index: number,
    made: { [key: string]: Json },
    emit: (value: Json) => boolean,
  ): boolean => {
    const entry = entries[index];
    if (entry === undefined) return emit(made);
    return entry.key.each(run, env, input, (key) =>
      entry.value.each(run, env, input, (value) => {
        run.tick(1);
        const next = { ...made };
        setKey(next, checkKey(run, key, at), value);
        return step(run, env, input, index + 1, next, emit);
      }),
    );
  };
  return codeOfEach((run, env, input, emit) => step(run, env, input, 0, {}, emit));
}

interface EntryOne {
  readonly name: string | undefined;
  readonly key: One;
  readonly value: One;
}

function toOnes(entries: readonly EntryCode[]): EntryOne[] | undefined {
  const ones: EntryOne[] = [];
  for (const { key, value } of entries) {
    if (key.one === undefined || value.one === undefined) return undefined;
    ones.push({ name: typeof key.constant === "string" ? key.constant : undefined, key: key.one, value: value.one });
  }
  return ones;
}

function constructOne(entries: readonly EntryOne[], at: number): One {
  return (run, env, input) => {
    const made: { [key: string]: Json } = {};
    for (const entry of entries) {
      const key = entry.name ?? entry.key(run, env, input);
      if (key === undefined) return undefined;
      const value = entry.value(run, env, input);
      if (value === undefined) return undefined;
      setKey(made, checkKey(run, key, at), value);
    }
    return made;
  };
}

function checkKey(run: Run, key: Json, at: number): string {
  if (typeof key === "string") return key;
  run.at = at;
  return fail(`Cannot use ${describe(key)} as object key`);
}

/** `-body` */
export function makeNegate(body: Code, at: number): Code {
  return mapCode(body, (run, value) => {
    run.at = at;
    return typeof value === "number" ? negate(value) : fail(`${describe(value)} cannot be negated`);
  });
}

function negate(value: number): number {
  return value === 0 ? 0 : -value;
}

/** Applies a function to every output. */
export function mapCode(body: Code, apply: (run: Run, value: Json) => Json): Code {
  const { one } = body;
  if (one === undefined) {
    return codeOfEach((run, env, input, emit) => body.each(run, env, input, (value) => emit(apply(run, value))));
  }
  return codeOfOne((run, env, input) => {
    const value = one(run, env, input);
    return value === undefined ? undefined : apply(run, value);
  });
}

/** `left operator right`; the right side varies slowest. */
export function makeOperator(operator: BinaryOperator, left: Code, right: Code, at: number): Code {
  const apply = chooseOperator(operator, at);
  if (left.one !== undefined && right.one !== undefined)
    return codeOfOne(combineOnes(left.one, right.one, right.constant, apply));
  const each: Each = (run, env, input, emit) =>
    right.each(run, env, input, (b) => left.each(run, env, input, (a) => emit(apply(run, a, b))));
  return codeOfEach(each);
}

type Apply = (run: Run, a: Json, b: Json) => Json;

function combineOnes(left: One, right: One, constant: Json | undefined, apply: Apply): One {
  if (constant !== undefined) {
    return (run, env, input) => {
      const a = left(run, env, input);
      return a === undefined ? undefined : apply(run, a, constant);
    };
  }
  return (run, env, input) => {
    const b = right(run, env, input);
    if (b === undefined) return undefined;
    const a = left(run, env, input);
    return a === undefined ? undefined : apply(run, a, b);
  };
}

function chooseOperator(operator: BinaryOperator, at: number): Apply {
  const general: Apply = (run, a, b) => {
    run.at = at;
    return applyOperator(run, operator, a, b);
  };
  switch (operator) {
    case "+":
      return (run, a, b) => (typeof a === "number" && typeof b === "number" ? a + b : general(run, a, b));
    case "-":
      return (run, a, b) => (typeof a === "number" && typeof b === "number" ? a - b : general(run, a, b));
    case "*":
      return (run, a, b) => (typeof a === "number" && typeof b === "number" ? a * b : general(run, a, b));
    case "==":
      return (run, a, b) => (typeof a !== "object" || a === null ? a === b : equalValues(a, b, run));
    case "!=":
      return (run, a, b) => (typeof a !== "object" || a === null ? a !== b : !equalValues(a, b, run));
    case "<":
      return (run, a, b) =>
        typeof a === "number" && typeof b === "number" && !Number.isNaN(a) ? a < b : general(run, a, b);
    case ">":
      return (run, a, b) =>
        typeof a === "number" && typeof b === "number" && !Number.isNaN(b) ? a > b : general(run, a, b);
    case "<=":
    case ">=":
    case "/":
    case "%":
      return general;
  }
}

/** A string with interpolations; the last one varies slowest. */
export function makeString(parts: readonly (string | Code)[], format: Code): Code {
  const { one: write } = format;
  if (write === undefined) return format;
  const ones = parts.map((part) => (typeof part === "string" ? part : part.one));
  if (ones.every((part) => part !== undefined)) return codeOfOne(joinOnes(ones, write));
  const step = (
    run: Run,
    env: Env | undefined,
    input: Json,
    index: number,
    tail: string,
    emit: (value: Json) => boolean,
  ): boolean => {
    const part = parts[index];
    if (part === undefined) return emit(tail);
    if (typeof part === "string") return step(run, env, input, index - 1, joinText(run, part, tail), emit);
    return part.each(run, env, input, (value) => {
      run.tick(1);
      return step(run, env, input, index - 1, joinText(run, asText(write(run, env, value)), tail), emit);
    });
  };
  return codeOfEach((run, env, input, emit) => step(run, env, input, parts.length - 1, "", emit));
}

function joinOnes(parts: readonly (string | One)[], write: One): One {
  return (run, env, input) => {
    let text = "";
    for (let i = parts.length - 1; i >= 0; i--) {
      const part = parts[i]!;
      if (typeof part === "string") text = joinText(run, part, text);
      else {
        const value = part(run, env, input);
        if (value === undefined) return undefined;
        text = joinText(run, asText(write(run, env, value)), text);
      }
    }
    return text;
  };
}

function joinText(run: Run, head: string, tail: string): string {
  run.checkText(head.length + tail.length);
  return head + tail;
}

function asText(value: Json | undefined): string {
  return typeof value === "string" ? value : fail(`Cannot format ${kindOf(value ?? null)}`);
}
