import { accessValue, sliceValue } from "./access.ts";
import {
  type Code,
  codeOfEach,
  codeOfOne,
  type Emit,
  type EmitPath,
  extendPath,
  type One,
  type Path,
  type Paths,
} from "./code.ts";
import { describe, describeShort, fail, Raise } from "./errors.ts";
import { IDENTITY, makeConstant } from "./forms-value.ts";
import { getKey, isArray, isObject, type Json } from "./json.ts";
import type { Run } from "./run.ts";

/** Where an access stands in the filter, and whether a `?` drops its errors. */
export interface AccessPlace {
  readonly at: number;
  readonly optional: boolean;
}

/** Runs an access; undefined for an error that a `?` drops. */
function attempt(run: Run, { at, optional }: AccessPlace, access: () => Json): Json | undefined {
  run.at = at;
  if (!optional) return access();
  try {
    return access();
  } catch (error) {
    if (!(error instanceof Raise)) throw error;
    return undefined;
  }
}

/** `target[key]`; the key varies slowest. */
export function makeIndex(target: Code, key: Code, place: AccessPlace): Code {
  const access = (run: Run, value: Json, name: Json): Json | undefined =>
    attempt(run, place, () => accessValue(run, value, name));
  const paths: Paths = (run, env, path, input, emit) =>
    key.each(run, env, input, (name) =>
      target.paths(run, env, path, input, (inner, value) => {
        const longer = extendPath(checkIntact(inner, name, value), name);
        const found = access(run, value, name);
        return found === undefined ? false : emit(longer, found);
      }),
    );
  const { one: keyOne, constant } = key;
  const { one: targetOne } = target;
  if (keyOne === undefined || targetOne === undefined) {
    return codeOfEach(
      (run, env, input, emit) =>
        key.each(run, env, input, (name) =>
          target.each(run, env, input, (value) => emitFound(access(run, value, name), emit)),
        ),
      paths,
    );
  }
  if (typeof constant === "string") return codeOfOne(readField(target, targetOne, constant, place), paths);
  return codeOfOne((run, env, input) => {
    const name = keyOne(run, env, input);
    if (name === undefined) return undefined;
    const value = targetOne(run, env, input);
    if (value === undefined) return undefined;
    if (place.optional) return access(run, value, name);
    run.at = place.at;
    return accessValue(run, value, name);
  }, paths);
}

function emitFound(found: Json | undefined, emit: Emit): boolean {
  return found === undefined ? false : emit(found);
}

function readField(target: Code, targetOne: One, name: string, place: AccessPlace): One {
  if (target === IDENTITY) return (run, _env, input) => fieldOf(run, input, name, place);
  return (run, env, input) => {
    const value = targetOne(run, env, input);
    return value === undefined ? undefined : fieldOf(run, value, name, place);
  };
}

function fieldOf(run: Run, value: Json, name: string, place: AccessPlace): Json | undefined {
  if (value === null) return null;
  if (isObject(value)) return getKey(value, name);
  if (place.optional) return undefined;
  run.at = place.at;
  return accessValue(run, value, name);
}

function checkIntact(path: Path | undefined, name: Json, value: Json): Path {
  if (path !== undefined) return path;
  return fail(
    `Invalid path expression near attempt to access element ${describeShort(name)} of ${describeShort(value)}`,
  );
}

/** `target[from:to]`; `from` varies slowest. */
export function makeSlice(target: Code, from: Code | undefined, to: Code | undefined, place: AccessPlace): Code {
  const start = from ?? makeConstant(null);
  const end = to ?? makeConstant(null);
  const access = (run: Run, value: Json, a: Json, b: Json): Json | undefined =>
    attempt(run, place, () => sliceValue(run, value, a, b));
  const paths: Paths = (run, env, path, input, emit) =>
    start.each(run, env, input, (a) =>
      end.each(run, env, input, (b) =>
        target.paths(run, env, path, input, (inner, value) => {
          const key = { start: a, end: b };
          const longer = extendPath(checkIntact(inner, key, value), key);
          const found = access(run, value, a, b);
          return found === undefined ? false : emit(longer, found);
        }),
      ),
    );
  const { one: startOne } = start;
  const { one: endOne } = end;
  const { one: targetOne } = target;
  if (startOne !== undefined && endOne !== undefined && targetOne !== undefined) {
    return codeOfOne((run, env, input) => {
      const a = startOne(run, env, input);
      const b = a === undefined ? undefined : endOne(run, env, input);
      const value = b === undefined ? undefined : targetOne(run, env, input);
      return a === undefined || b === undefined || value === undefined ? undefined : access(run, value, a, b);
    }, paths);
  }
  return codeOfEach(
    (run, env, input, emit) =>
      start.each(run, env, input, (a) =>
        end.each(run, env, input, (b) =>
          target.each(run, env, input, (value) => emitFound(access(run, value, a, b), emit)),
        ),
      ),
    paths,
  );
}

/** `target[]` */
export function makeIterate(target: Code, place: AccessPlace): Code {
  return codeOfEach(
    target === IDENTITY
      ? (run, _env, input, emit) => spread(run, input, place, emit)
      : (run, env, input, emit) => target.each(run, env, input, (value) => spread(run, value, place, emit)),
    (run, env, path, input, emit) =>
      target.paths(run, env, path, input, (inner, value) => {
        if (inner !== undefined) return spreadPaths(run, inner, value, place, emit);
        return fail(`Invalid path expression near attempt to iterate through ${describeShort(value)}`);
      }),
  );
}

function spread(run: Run, value: Json, place: AccessPlace, emit: Emit): boolean {
  if (isArray(value)) {
    for (let i = 0; i < value.length; i++) {
      run.tick(1);
      if (emit(value[i]!)) return true;
    }
    return false;
  }
  if (!isObject(value)) return failIterate(run, value, place);
  for (const key of Object.keys(value)) {
    run.tick(1);
    if (emit(getKey(value, key))) return true;
  }
  return false;
}

function spreadPaths(run: Run, path: Path, value: Json, place: AccessPlace, emit: EmitPath): boolean {
  if (isArray(value)) {
    for (let i = 0; i < value.length; i++) {
      run.tick(1);
      if (emit(extendPath(path, i), value[i]!)) return true;
    }
    return false;
  }
  if (!isObject(value)) return failIterate(run, value, place);
  for (const key of Object.keys(value)) {
    run.tick(1);
    if (emit(extendPath(path, key), getKey(value, key))) return true;
  }
  return false;
}

/** False, as after the last item, when a `?` drops the error. */
function failIterate(run: Run, value: Json, { at, optional }: AccessPlace): boolean {
  if (optional) return false;
  run.at = at;
  return fail(`Cannot iterate over ${describe(value)}`);
}
