import { type Code, codeOfEach, codeOfOne, type Env, type Owned, type Path } from "./code.ts";
import type { Binder } from "./compile-bind.ts";
import { compilePatterns } from "./compile-bind.ts";
import type { AstOf, Compile } from "./compiler.ts";
import type { Json } from "./json.ts";
import { LEAVING } from "./leaving.ts";
import type { Run } from "./run.ts";
import type { Compilation, Scope } from "./scope.ts";

/** `reduce` and `foreach` */
export function compileFold(
  compile: Compile,
  ast: AstOf<"reduce"> | AstOf<"foreach">,
  scope: Scope,
  to: Compilation,
): Code {
  const source = compile(ast.source, scope, to);
  const binder = compilePatterns(compile, ast.patterns, scope, to);
  const start = compile(ast.start, scope, to);
  const update = compile(ast.update, binder.scope, to);
  if (ast.kind === "reduce") return makeReduce({ source, binder, start, update });
  const extract = ast.extract === undefined ? undefined : compile(ast.extract, binder.scope, to);
  return makeForeach({ source, binder, start, update }, extract);
}

interface Fold {
  readonly source: Code;
  readonly binder: Binder;
  readonly start: Code;
  readonly update: Code;
}

function makeReduce(fold: Fold): Code {
  const { start } = fold;
  const paths: Code["paths"] = (run, env, path, input, emit) =>
    start.paths(run, env, path, input, (startPath, first) => {
      const state = reducePaths(fold, run, env, input, { path: startPath, value: first });
      return emit(state.path, state.value);
    });
  const { one } = start;
  if (one !== undefined) {
    return codeOfOne((run, env, input) => {
      const first = one(run, env, input);
      return first === undefined ? undefined : reduceValues(fold, run, env, input, first);
    }, paths);
  }
  return codeOfEach(
    (run, env, input, emit) => start.each(run, env, input, (first) => emit(reduceValues(fold, run, env, input, first))),
    paths,
  );
}

/** The last output of each update is the next state; no output makes it null. */
function reduceValues(
  { source, binder, update }: Fold,
  run: Run,
  env: Env | undefined,
  input: Json,
  first: Json,
): Json {
  let state = first;
  const { one, change } = update;
  const owned: Owned = new Set();
  const stopped = source.each(run, env, input, (item) => {
    run.tick(1);
    return binder.bind(run, env, input, item, (inner) => {
      if (change !== undefined) {
        state = change(run, inner, state, owned) ?? null;
        return false;
      }
      if (one !== undefined) {
        state = one(run, inner, state) ?? null;
        return false;
      }
      let next: Json = null;
      const left = update.each(run, inner, state, (value) => {
        next = value;
        return false;
      });
      state = next;
      return left;
    });
  });
  if (stopped) throw LEAVING;
  return state;
}

interface PathState {
  readonly path: Path | undefined;
  readonly value: Json;
}

function reducePaths(fold: Fold, run: Run, env: Env | undefined, input: Json, first: PathState): PathState {
  let state = first;
  const stopped = fold.source.each(run, env, input, (item) => {
    run.tick(1);
    return fold.binder.bind(run, env, input, item, (inner) => {
      let next: PathState = { path: undefined, value: null };
      const left = fold.update.paths(run, inner, state.path, state.value, (path, value) => {
        next = { path, value };
        return false;
      });
      state = next;
      return left;
    });
  });
  if (stopped) throw LEAVING;
  return state;
}

function makeForeach({ source, binder, start, update }: Fold, extract: Code | undefined): Code {
  return codeOfEach(
    (run, env, input, emit) =>
      start.each(run, env, input, (first) => {
        let state = first;
        return source.each(run, env, input, (item) => {
          run.tick(1);
          return binder.bind(run, env, input, item, (inner) =>
            update.each(run, inner, state, (value) => {
              state = value;
              return extract === undefined ? emit(value) : extract.each(run, inner, value, emit);
            }),
          );
        });
      }),
    (run, env, path, input, emit) =>
      start.paths(run, env, path, input, (startPath, first) => {
        let state: PathState = { path: startPath, value: first };
        return source.each(run, env, input, (item) => {
          run.tick(1);
          return binder.bind(run, env, input, item, (inner) =>
            update.paths(run, inner, state.path, state.value, (next, value) => {
              state = { path: next, value };
              return extract === undefined ? emit(next, value) : extract.paths(run, inner, next, value, emit);
            }),
          );
        });
      }),
  );
}
