import { codeOfEach, codeOfOne, extendPath, type Paths, pathKeys, ROOT } from "./code.ts";
import { checkPath } from "./compile-assign.ts";
import { describeShort, fail, Raise } from "./errors.ts";
import { isArray, type Json } from "./json.ts";
import { type MakeCall, type Natives, native1, nativeN } from "./native.ts";
import { deletePaths, getPath, setPath } from "./paths.ts";
import type { Run } from "./run.ts";

const getPathAt: MakeCall = ([keys], at) => {
  if (keys === undefined) return codeOfEach(() => false);
  const paths: Paths = (run, env, path, input, emit) =>
    keys.each(run, env, input, (wanted) => {
      run.at = at;
      if (!isArray(wanted)) return fail("Path must be specified as an array");
      const value = getPath(run, input, wanted);
      if (path === undefined) return failBroken(input, wanted);
      return emit(wanted.reduce(extendPath, path), value);
    });
  const value = native1((run, input, wanted) => {
    if (!isArray(wanted)) return fail("Path must be specified as an array");
    return getPath(run, input, wanted);
  })([keys], at);
  return { ...value, paths };
};

function failBroken(input: Json, wanted: Json): never {
  throw new Raise(
    `Invalid path expression near attempt to access element ${describeShort(wanted)} of ${describeShort(input)}`,
  );
}

const pathOf: MakeCall = ([body]) => {
  if (body === undefined) return codeOfEach(() => false);
  return codeOfEach((run, env, input, emit) =>
    body.paths(run, env, ROOT, input, (path, value) => {
      run.tick(1);
      return emit(pathKeys(checkPath(path, value)));
    }),
  );
};

function deleteAll(run: Run, input: Json, paths: Json): Json {
  return isArray(paths) ? deletePaths(run, input, paths) : fail("Paths must be specified as an array");
}

/** Functions on paths. */
export const PATH_NATIVES: Natives = {
  "path/1": pathOf,
  "getpath/1": getPathAt,
  "setpath/2": nativeN((run, input, keys = null, value = null) =>
    isArray(keys) ? setPath(run, input, keys, value, new Set()) : fail("Path must be specified as an array"),
  ),
  "delpaths/1": native1(deleteAll),
  "empty/0": () =>
    codeOfOne(
      () => undefined,
      () => false,
    ),
};
