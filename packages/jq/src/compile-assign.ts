import { applyOperator } from "./arithmetic.ts";
import type { AssignOperator, Ast, BinaryOperator } from "./ast.ts";
import {
  type Change,
  type Code,
  codeOfEach,
  codeOfOne,
  type Env,
  type Owned,
  type Path,
  pathKeys,
  ROOT,
} from "./code.ts";
import { describeShort, fail } from "./errors.ts";
import { isTruthy, type Json } from "./json.ts";
import { firstOf, LEAVING } from "./leaving.ts";
import { deletePaths, getPath, setPath } from "./paths.ts";
import type { Run } from "./run.ts";

/** An assignment to compile. */
export interface Assignment {
  readonly operator: AssignOperator;
  readonly left: Code;
  readonly right: Code;
  /** Offset in the filter. */
  readonly at: number;
  /** True when the right side cannot answer a part of its input. */
  readonly independent: boolean;
}

/** `left operator right` for assignments; operators with a value on the right give one output per value. */
export function compileAssign(assignment: Assignment): Code {
  const { operator, right } = assignment;
  if (operator === "|=") return compileUpdate(assignment);
  const { one } = right;
  if (one === undefined) {
    return codeOfEach((run, env, input, emit) =>
      right.each(run, env, input, (value) => emit(applyValue(assignment, run, env, input, value, new Set()))),
    );
  }
  const change: Change = (run, env, input, owned) => {
    const value = one(run, env, input);
    if (value === undefined) return undefined;
    if (!assignment.independent && typeof value === "object") owned.clear();
    return applyValue(assignment, run, env, input, value, owned);
  };
  return { ...codeOfOne((run, env, input) => change(run, env, input, new Set())), change };
}

/** `left |= right`: the first output of the right side at each path; paths without an output are deleted. */
function compileUpdate({ left, right, at }: Assignment): Code {
  const change: Change = (run, env, input, owned) => {
    run.at = at;
    return modifyAll(left, run, env, input, owned, (old) => firstOf(right, run, env, old));
  };
  return { ...codeOfOne((run, env, input) => change(run, env, input, new Set())), change };
}

function applyValue(
  { operator, left, at }: Assignment,
  run: Run,
  env: Env | undefined,
  input: Json,
  value: Json,
  owned: Owned,
): Json {
  run.at = at;
  if (operator === "=") return assignAll(left, run, env, input, value, owned);
  return modifyAll(left, run, env, input, owned, (old) => {
    if (operator === "//=") return isTruthy(old) ? old : value;
    return applyOperator(run, operator.slice(0, 1) as BinaryOperator, old, value);
  });
}

/** Every path of a path expression, in order, as arrays of keys. */
function eachPath(code: Code, run: Run, env: Env | undefined, input: Json, take: (keys: Json[]) => void): void {
  const stopped = code.paths(run, env, ROOT, input, (path, value) => {
    run.tick(1);
    take(pathKeys(checkPath(path, value)));
    return false;
  });
  if (stopped) throw LEAVING;
}

/** Paths of a value that is about to be changed in place: all of them before the first change. */
function listPaths(code: Code, run: Run, env: Env | undefined, input: Json): Json[][] {
  const paths: Json[][] = [];
  eachPath(code, run, env, input, (keys) => {
    paths.push(keys);
    run.checkItems(paths.length);
  });
  return paths;
}

/** Visits paths; while the input itself stays as it is, one by one as they are found. */
function visitPaths(
  code: Code,
  run: Run,
  env: Env | undefined,
  input: Json,
  owned: Owned,
  take: (keys: Json[]) => void,
): void {
  if (owned.size === 0) eachPath(code, run, env, input, take);
  else for (const keys of listPaths(code, run, env, input)) take(keys);
}

/** The path of an output; values that are no part of the input have none. */
export function checkPath(path: Path | undefined, value: Json): Path {
  return path ?? fail(`Invalid path expression with result ${describeShort(value)}`);
}

function assignAll(left: Code, run: Run, env: Env | undefined, input: Json, value: Json, owned: Owned): Json {
  let result = input;
  visitPaths(left, run, env, input, owned, (keys) => {
    result = setPath(run, result, keys, value, owned);
  });
  return result;
}

/** An owned value that is handed to a function may end up in several places, so nothing is owned from then on. */
function modifyAll(
  left: Code,
  run: Run,
  env: Env | undefined,
  input: Json,
  owned: Owned,
  change: (old: Json) => Json | undefined,
): Json {
  let result = input;
  const doomed: Json[] = [];
  visitPaths(left, run, env, input, owned, (keys) => {
    const old = getPath(run, result, keys);
    if (typeof old === "object" && old !== null && owned.has(old)) owned.clear();
    const next = change(old);
    if (next === undefined) doomed.push(keys);
    else result = setPath(run, result, keys, next, owned);
  });
  return doomed.length === 0 ? result : deletePaths(run, result, doomed);
}

/** True when an expression cannot answer its input or a part of it. */
export function isIndependent(ast: Ast): boolean {
  switch (ast.kind) {
    case "literal":
    case "location":
    case "variable":
    case "string":
    case "format":
      return true;
    case "index":
    case "slice":
    case "iterate":
      return isIndependent(ast.target);
    case "array":
      return ast.body === undefined || isIndependent(ast.body);
    case "object":
      return ast.entries.every(({ value }) => isIndependent(value));
    case "pipe":
      return isIndependent(ast.left);
    case "binary":
    case "comma":
    case "alternative":
      return isIndependent(ast.left) && isIndependent(ast.right);
    case "negate":
    case "and":
    case "or":
      return true;
    case "if":
      return isIndependent(ast.then) && ast.otherwise !== undefined && isIndependent(ast.otherwise);
    default:
      return false;
  }
}
