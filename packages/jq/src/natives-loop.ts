import { type Code, codeOfEach, codeOfOne, type Emit, type EmitPath, type Env, extendPath, type Path } from "./code.ts";
import { fail } from "./errors.ts";
import { getKey, isArray, isObject, isTruthy, type Json } from "./json.ts";
import type { MakeCall, Natives } from "./native.ts";
import type { Run } from "./run.ts";

const NONE: Code = codeOfOne(() => undefined);
const ZERO: Code = codeOfOne(() => 0);
const ONE: Code = codeOfOne(() => 1);

const range: MakeCall = (args) => {
  const [from = ZERO, to = NONE, by = ONE] = args.length === 1 ? [ZERO, args[0]] : args;
  return codeOfEach((run, env, input, emit) =>
    from.each(run, env, input, (first) =>
      to.each(run, env, input, (end) =>
        by.each(run, env, input, (step) => {
          if (typeof first !== "number" || typeof end !== "number" || typeof step !== "number") {
            return fail("Range bounds must be numeric");
          }
          return countUp(run, first, end, step, emit);
        }),
      ),
    ),
  );
};

function countUp(run: Run, from: number, to: number, by: number, emit: Emit): boolean {
  if (by > 0) {
    for (let at = from; at < to; at += by) {
      run.tick(1);
      if (emit(at)) return true;
    }
  } else if (by < 0) {
    for (let at = from; at > to; at += by) {
      run.tick(1);
      if (emit(at)) return true;
    }
  }
  return false;
}

/** A value with its path, on its way through a loop. */
type Visit = (run: Run, env: Env | undefined, path: Path | undefined, input: Json, emit: EmitPath) => boolean;

/** Code of a loop that is written once, for values and for paths. */
function codeOfVisit(visit: Visit): Code {
  return codeOfEach((run, env, input, emit) => visit(run, env, undefined, input, (_path, value) => emit(value)), visit);
}

/** Calls a body for values or for paths, as the loop itself was called; loops for values have no paths to keep. */
function visitBody(
  body: Code,
  run: Run,
  env: Env | undefined,
  path: Path | undefined,
  input: Json,
  emit: EmitPath,
): boolean {
  if (path !== undefined) return body.paths(run, env, path, input, emit);
  return body.each(run, env, input, (value) => emit(undefined, value));
}

function nested(run: Run, visit: () => boolean): boolean {
  run.enter();
  const stopped = visit();
  run.depth--;
  return stopped;
}

/** `recurse(f)`, `recurse(f; condition)` */
const recurse: MakeCall = ([body = NONE, condition]) => {
  const visit: Visit = (run, env, path, input, emit) => {
    if (emit(path, input)) return true;
    return nested(run, () =>
      visitBody(body, run, env, path, input, (inner, value) => {
        if (condition === undefined) return visit(run, env, inner, value, emit);
        return condition.each(run, env, value, (keep) =>
          isTruthy(keep) ? visit(run, env, inner, value, emit) : false,
        );
      }),
    );
  };
  const { one } = body;
  const keep = condition === undefined ? () => true : condition.one;
  if (one === undefined || keep === undefined) return codeOfVisit(visit);
  return codeOfEach((run, env, input, emit) => {
    for (let value: Json | undefined = input; value !== undefined; ) {
      run.tick(1);
      if (emit(value)) return true;
      value = one(run, env, value);
      const kept = value === undefined ? undefined : keep(run, env, value);
      if (kept === undefined || !isTruthy(kept)) return false;
    }
    return false;
  }, visit);
};

const recurseAll: MakeCall = () =>
  codeOfEach(
    (run, _env, input, emit) => walkValues(run, input, emit),
    (run, _env, path, input, emit) => walkPaths(run, path, input, emit),
  );

/** Every value inside a value, itself first; the stack is kept by hand because data may be deep. */
function walkValues(run: Run, root: Json, emit: Emit): boolean {
  const stack: Json[] = [root];
  while (stack.length > 0) {
    const value = stack.pop() ?? null;
    run.tick(1);
    if (emit(value)) return true;
    if (typeof value !== "object" || value === null) continue;
    const items = isArray(value) ? value : Object.values(value as { readonly [key: string]: Json });
    for (let i = items.length - 1; i >= 0; i--) stack.push(items[i]!);
  }
  return false;
}

function walkPaths(run: Run, root: Path | undefined, input: Json, emit: EmitPath): boolean {
  const stack: { readonly path: Path | undefined; readonly value: Json }[] = [{ path: root, value: input }];
  for (let top = stack.pop(); top !== undefined; top = stack.pop()) {
    const { path, value } = top;
    run.tick(1);
    if (emit(path, value)) return true;
    const longer = (key: Json): Path | undefined => (path === undefined ? undefined : extendPath(path, key));
    if (isArray(value)) {
      for (let i = value.length - 1; i >= 0; i--) stack.push({ path: longer(i), value: value[i]! });
    } else if (isObject(value)) {
      for (const key of Object.keys(value).reverse()) stack.push({ path: longer(key), value: getKey(value, key) });
    }
  }
  return false;
}

/** `repeat(f)`: the outputs of `f` again and again, on the same input, as jq 1.6 to 1.8 do it. */
const repeat: MakeCall = ([body = NONE]) =>
  codeOfEach(
    (run, env, input, emit) => {
      for (;;) {
        run.tick(1);
        if (body.each(run, env, input, emit)) return true;
      }
    },
    (run, env, path, input, emit) => {
      for (;;) {
        run.tick(1);
        if (body.paths(run, env, path, input, emit)) return true;
      }
    },
  );

/** `while(condition; update)` */
const loopWhile: MakeCall = ([condition = NONE, update = NONE]) => {
  const visit: Visit = (run, env, path, input, emit) =>
    condition.each(run, env, input, (keep) => {
      if (!isTruthy(keep)) return false;
      if (emit(path, input)) return true;
      return nested(run, () =>
        visitBody(update, run, env, path, input, (inner, value) => visit(run, env, inner, value, emit)),
      );
    });
  const { one: conditionOne } = condition;
  const { one: updateOne } = update;
  if (conditionOne === undefined || updateOne === undefined) return codeOfVisit(visit);
  return codeOfEach((run, env, input, emit) => {
    for (let value: Json | undefined = input; value !== undefined; value = updateOne(run, env, value)) {
      run.tick(1);
      const keep = conditionOne(run, env, value);
      if (keep === undefined || !isTruthy(keep)) return false;
      if (emit(value)) return true;
    }
    return false;
  }, visit);
};

/** `until(condition; update)` */
const loopUntil: MakeCall = ([condition = NONE, update = NONE]) => {
  const visit: Visit = (run, env, path, input, emit) =>
    condition.each(run, env, input, (done) => {
      if (isTruthy(done)) return emit(path, input);
      return nested(run, () =>
        visitBody(update, run, env, path, input, (inner, value) => visit(run, env, inner, value, emit)),
      );
    });
  const { one: conditionOne } = condition;
  const { one: updateOne } = update;
  if (conditionOne === undefined || updateOne === undefined) return codeOfVisit(visit);
  return codeOfOne((run, env, input) => {
    for (let value: Json | undefined = input; value !== undefined; value = updateOne(run, env, value)) {
      run.tick(1);
      const done = conditionOne(run, env, value);
      if (done === undefined) return undefined;
      if (isTruthy(done)) return value;
    }
    return undefined;
  }, visit);
};

/** Functions that loop. */
export const LOOP_NATIVES: Natives = {
  "range/1": range,
  "range/2": range,
  "range/3": range,
  "recurse/0": recurseAll,
  "recurse/1": recurse,
  "recurse/2": recurse,
  "repeat/1": repeat,
  "while/2": loopWhile,
  "until/2": loopUntil,
};
