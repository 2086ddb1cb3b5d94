import { accessValue, sliceValue } from "./access.ts";
import { type Code, codeOfEach, codeOfOne, extendPath, type One, type Path, type Paths } from "./code.ts";
import { describe, describeShort, fail } from "./errors.ts";
import { IDENTITY, makeConstant } from "./forms-value.ts";
import { getKey, isArray, isObject, type Json } from "./json.ts";
import type { Run } from "./run.ts";

/** `target[key]`; the key varies slowest. */
export function makeIndex(target: Code, key: Code, at: number): Code {
  const paths: Paths = (run, env, path, input, emit) =>
    key.each(run, env, input, (name) =>
      target.paths(run, env, path, input, (inner, value) => {
        run.at = at;
        return emit(extendPath(checkIntact(inner, name, value), name), accessValue(run, value, name));
      }),
    );
  const { constant } = key;
  if (typeof constant === "string" && target.one !== undefined)
    return codeOfOne(readField(target, target.one, constant, at), paths);
  const { one: keyOne } = key;
  const { one: targetOne } = target;
  if (keyOne !== undefined && targetOne !== undefined) {
    return codeOfOne((run, env, input) => {
      const name = keyOne(run, env, input);
      if (name === undefined) return undefined;
      const value = targetOne(run, env, input);
      run.at = at;
      return value === undefined ? undefined : accessValue(run, value, name);
    }, paths);
  }
  return codeOfEach(
    (run, env, input, emit) =>
      key.each(run, env, input, (name) =>
        target.each(run, env, input, (value) => {
          run.at = at;
          return emit(accessValue(run, value, name));
        }),
      ),
    paths,
  );
}

function readField(target: Code, targetOne: One, name: string, at: number): One {
  if (target === IDENTITY) return (run, _env, input) => fieldOf(run, input, name, at);
  return (run, env, input) => {
    const value = targetOne(run, env, input);
    return value === undefined ? undefined : fieldOf(run, value, name, at);
  };
}

function fieldOf(run: Run, value: Json, name: string, at: number): Json {
  if (value === null) return null;
  if (isObject(value)) return getKey(value, name);
  run.at = at;
  return accessValue(run, value, name);
}

function checkIntact(path: Path | undefined, name: Json, value: Json): Path {
  if (path !== undefined) return path;
  return fail(
    `Invalid path expression near attempt to access element ${describeShort(name)} of ${describeShort(value)}`,
  );
}

/** `target[from:to]`; `from` varies slowest. */
export function makeSlice(target: Code, from: Code | undefined, to: Code | undefined, at: number): Code {
  const start = from ?? makeConstant(null);
  const end = to ?? makeConstant(null);
  const paths: Paths = (run, env, path, input, emit) =>
    start.each(run, env, input, (a) =>
      end.each(run, env, input, (b) =>
        target.paths(run, env, path, input, (inner, value) => {
          run.at = at;
          const key = { start: a, end: b };
          return emit(extendPath(checkIntact(inner, key, value), key), sliceValue(value, a, b));
        }),
      ),
    );
  const { one: startOne } = start;
  const { one: endOne } = end;
  const { one: targetOne } = target;
  if (startOne !== undefined && endOne !== undefined && targetOne !== undefined) {
    return codeOfOne((run, env, input) => {
      const a = startOne(run, env, input);
      const b = endOne(run, env, input);
      const value = targetOne(run, env, input);
      run.at = at;
      return a === undefined || b === undefined || value === undefined ? undefined : sliceValue(value, a, b);
    }, paths);
  }
  return codeOfEach(
    (run, env, input, emit) =>
      start.each(run, env, input, (a) =>
        end.each(run, env, input, (b) =>
          target.each(run, env, input, (value) => {
            run.at = at;
            return emit(sliceValue(value, a, b));
          }),
        ),
      ),
    paths,
  );
}

/** `target[]` */
export function makeIterate(target: Code, at: number): Code {
  const spread = (run: Run, value: Json, emit: (item: Json) => boolean): boolean => {
    if (isArray(value)) {
      for (let i = 0; i < value.length; i++) {
        run.tick(1);
        if (emit(value[i]!)) return true;
      }
      return false;
    }
    if (!isObject(value)) return failIterate(run, value, at);
    for (const key of Object.keys(value)) {
      run.tick(1);
      if (emit(getKey(value, key))) return true;
    }
    return false;
  };
  return codeOfEach(
    target === IDENTITY
      ? (run, _env, input, emit) => spread(run, input, emit)
      : (run, env, input, emit) => target.each(run, env, input, (value) => spread(run, value, emit)),
    (run, env, path, input, emit) =>
      target.paths(run, env, path, input, (inner, value) => {
        if (inner === undefined)
          return fail(`Invalid path expression near attempt to iterate through ${describeShort(value)}`);
        if (!isArray(value)) return spreadPaths(run, inner, value, at, emit);
        for (let i = 0; i < value.length; i++) {
          run.tick(1);
          if (emit(extendPath(inner, i), value[i]!)) return true;
        }
        return false;
      }),
  );
}

function spreadPaths(
  run: Run,
  path: Path,
  value: Json,
  at: number,
  emit: (path: Path, value: Json) => boolean,
): boolean {
  if (value === null) return false;
  if (!isObject(value)) return failIterate(run, value, at);
  for (const key of Object.keys(value)) {
    run.tick(1);
    if (emit(extendPath(path, key), getKey(value, key))) return true;
  }
  return false;
}

function failIterate(run: Run, value: Json, at: number): never {
  run.at = at;
  return fail(`Cannot iterate over ${describe(value)}`);
}
