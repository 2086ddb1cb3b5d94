import { applyOperator } from "./arithmetic.ts";
import type { AssignOperator, BinaryOperator } from "./ast.ts";
import { type Code, codeOfEach, codeOfOne, type Env, type Path, pathKeys, ROOT } from "./code.ts";
import { describeShort, fail } from "./errors.ts";
import { isTruthy, type Json } from "./json.ts";
import { firstOf, LEAVING } from "./leaving.ts";
import { deletePaths, getPath, type Owned, setPath } from "./paths.ts";
import type { Run } from "./run.ts";

/** `left operator right` for assignments; operators with a value on the right give one output per value. */
export function compileAssign(operator: AssignOperator, left: Code, right: Code, at: number): Code {
  if (operator === "|=") return makeUpdate(left, right, at);
  const apply = (run: Run, env: Env | undefined, input: Json, value: Json): Json => {
    run.at = at;
    if (operator === "=") return assignAll(left, run, env, input, value);
    return modifyAll(left, run, env, input, (old) => {
      if (operator === "//=") return isTruthy(old) ? old : value;
      return applyOperator(run, operator.slice(0, 1) as BinaryOperator, old, value);
    });
  };
  const { one } = right;
  if (one === undefined) {
    return codeOfEach((run, env, input, emit) =>
      right.each(run, env, input, (value) => emit(apply(run, env, input, value))),
    );
  }
  return codeOfOne((run, env, input) => {
    const value = one(run, env, input);
    return value === undefined ? undefined : apply(run, env, input, value);
  });
}

/** `left |= right`: the first output of the right side at each path; paths without an output are deleted. */
export function makeUpdate(left: Code, right: Code, at: number): Code {
  return codeOfOne((run, env, input) => {
    run.at = at;
    return modifyAll(left, run, env, input, (old) => firstOf(right, run, env, old));
  });
}

/** Every path of a path expression, in order, as arrays of keys. */
export function eachPath(code: Code, run: Run, env: Env | undefined, input: Json, take: (keys: Json[]) => void): void {
  const stopped = code.paths(run, env, ROOT, input, (path, value) => {
    run.tick(1);
    take(pathKeys(checkPath(path, value)));
    return false;
  });
  if (stopped) throw LEAVING;
}

/** The path of an output; values that are no part of the input have none. */
export function checkPath(path: Path | undefined, value: Json): Path {
  return path ?? fail(`Invalid path expression with result ${describeShort(value)}`);
}

function assignAll(left: Code, run: Run, env: Env | undefined, input: Json, value: Json): Json {
  let result = input;
  const owned: Owned = new Set();
  eachPath(left, run, env, input, (keys) => {
    result = setPath(run, result, keys, value, owned);
    if (typeof value === "object" && value !== null) owned.delete(value);
  });
  return result;
}

function modifyAll(
  left: Code,
  run: Run,
  env: Env | undefined,
  input: Json,
  change: (old: Json) => Json | undefined,
): Json {
  let result = input;
  let owned: Owned = new Set();
  const doomed: Json[] = [];
  eachPath(left, run, env, input, (keys) => {
    const old = getPath(run, result, keys);
    if (typeof old === "object" && old !== null && owned.has(old)) owned = new Set();
    const next = change(old);
    if (next === undefined) doomed.push(keys);
    else result = setPath(run, result, keys, next, owned);
  });
  return doomed.length === 0 ? result : deletePaths(run, result, doomed);
}
