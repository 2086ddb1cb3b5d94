import type { Json } from "./json.ts";
import type { Run } from "./run.ts";

/** Takes one output; `true` asks the producer to stop and to return `true` itself. */
export type Emit = (value: Json) => boolean;

/** A path from the root of a path expression, last key first; `ROOT` is the empty path. */
export interface Path {
  readonly up: Path | undefined;
  readonly key: Json;
  readonly length: number;
}

/** The empty path. */
export const ROOT: Path = { up: undefined, key: null, length: 0 };

/** Takes one output with its path; the path is undefined for a value that is no part of the input. */
export type EmitPath = (path: Path | undefined, value: Json) => boolean;

/** A value, a closure or a label that a piece of code can reach, linked from the inside out. */
export class Env {
  readonly value: Json;
  readonly closure: Closure | undefined;
  readonly up: Env | undefined;

  constructor(value: Json, closure: Closure | undefined, up: Env | undefined) {
    this.value = value;
    this.closure = closure;
    this.up = up;
  }
}

/** An argument of a function: its code and the place where it was written. */
export interface Closure {
  readonly code: Code;
  readonly env: Env | undefined;
}

/** Evaluates to at most one output; `undefined` is no output. */
export type One = (run: Run, env: Env | undefined, input: Json) => Json | undefined;

/** Hands every output to `emit`; returns true when it was asked to stop. */
export type Each = (run: Run, env: Env | undefined, input: Json, emit: Emit) => boolean;

/** As {@link Each} with the paths of the outputs. */
export type Paths = (run: Run, env: Env | undefined, path: Path | undefined, input: Json, emit: EmitPath) => boolean;

/** A call that stands in last place and is still to be made. */
export class PendingCall {
  readonly body: { readonly code: Code | undefined };
  readonly env: Env | undefined;
  readonly input: Json;

  constructor(body: { readonly code: Code | undefined }, env: Env | undefined, input: Json) {
    this.body = body;
    this.env = env;
    this.input = input;
  }
}

/** As {@link One}, or the call that gives the answer. */
export type Tail = (run: Run, env: Env | undefined, input: Json) => Json | undefined | PendingCall;

/** Containers made by one series of changes and seen by nobody else; they may be changed in place. */
export type Owned = Set<object>;

/** As {@link One}, for a value whose owned parts may be changed in place. */
export type Change = (run: Run, env: Env | undefined, value: Json, owned: Owned) => Json | undefined;

/** A compiled expression. */
export interface Code {
  readonly each: Each;
  /** Present when there is at most one output: the fast way. */
  readonly one: One | undefined;
  readonly paths: Paths;
  /** Value of a constant expression. */
  readonly constant?: Json;
  /** As `one`, but a function call in last place is answered instead of made, so that recursion needs no stack. */
  readonly tail?: Tail;
  /** Changes a value that nobody else sees, as far as its parts are owned; present for assignments. */
  readonly change?: Change;
}

/** Code with at most one output; without `paths` its output counts as new, unless it is the input itself. */
export function codeOfOne(one: One, paths?: Paths): Code {
  return {
    each: (run, env, input, emit) => {
      const value = one(run, env, input);
      return value === undefined ? false : emit(value);
    },
    one,
    paths:
      paths ??
      ((run, env, path, input, emit) => {
        const value = one(run, env, input);
        return value === undefined ? false : emit(value === input ? path : undefined, value);
      }),
  };
}

/** Code with any number of outputs. */
export function codeOfEach(each: Each, paths?: Paths): Code {
  return {
    each,
    one: undefined,
    paths:
      paths ??
      ((run, env, path, input, emit) =>
        each(run, env, input, (value) => emit(value === input ? path : undefined, value))),
  };
}

/** A path one key longer. */
export function extendPath(path: Path, key: Json): Path {
  return { up: path, key, length: path.length + 1 };
}

/** Keys of a path, outermost first. */
export function pathKeys(path: Path): Json[] {
  const keys = new Array<Json>(path.length);
  let at: Path | undefined = path;
  for (let i = path.length - 1; i >= 0 && at !== undefined; i--) {
    keys[i] = at.key;
    at = at.up;
  }
  return keys;
}

/** The environment `distance` places further out. */
export function climb(env: Env | undefined, distance: number): Env | undefined {
  let at = env;
  for (let i = distance; i > 0; i--) at = at?.up;
  return at;
}
