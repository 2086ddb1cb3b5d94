import { type Code, codeOfEach, codeOfOne, type EmitPath, type Paths } from "./code.ts";
import { compareValues } from "./compare.ts";
import { describe, fail } from "./errors.ts";
import { isArray, isObject, isTruthy, type Json } from "./json.ts";
import { collect, LEAVING } from "./leaving.ts";
import type { MakeCall, Natives } from "./native.ts";

const NONE: Code = codeOfOne(() => undefined);

const select: MakeCall = ([condition = NONE]) => {
  const paths: Paths = (run, env, path, input, emit) =>
    condition.each(run, env, input, (value) => (isTruthy(value) ? emit(path, input) : false));
  const { one } = condition;
  if (one === undefined) {
    return codeOfEach(
      (run, env, input, emit) => condition.each(run, env, input, (value) => (isTruthy(value) ? emit(input) : false)),
      paths,
    );
  }
  return codeOfOne((run, env, input) => {
    const value = one(run, env, input);
    return value !== undefined && isTruthy(value) ? input : undefined;
  }, paths);
};

const map: MakeCall = ([body = NONE], at) => {
  const { one } = body;
  return codeOfOne((run, env, input) => {
    const items = isArray(input) ? input : valuesOf(input, run, at);
    const mapped: Json[] = [];
    for (const item of items) {
      run.tick(1);
      if (one === undefined) {
        collect(body, run, env, item, (value) => {
          mapped.push(value);
          run.checkItems(mapped.length);
        });
      } else {
        const value = one(run, env, item);
        if (value !== undefined) mapped.push(value);
      }
    }
    return mapped;
  });
};

function valuesOf(input: Json, run: { at: number }, at: number): readonly Json[] {
  if (isObject(input)) return Object.values(input);
  run.at = at;
  return fail(`Cannot iterate over ${describe(input)}`);
}

/** The first output with its path. */
const first: MakeCall = ([body = NONE]) => {
  const paths: Paths = (run, env, path, input, emit) => {
    let take: (() => boolean) | undefined;
    const stopped = body.paths(run, env, path, input, (inner, value) => {
      take = () => emit(inner, value);
      return true;
    });
    return take === undefined ? stopped : take();
  };
  if (body.one !== undefined) return codeOfOne(body.one, paths);
  return codeOfEach((run, env, input, emit) => {
    let found: Json | undefined;
    const stopped = body.each(run, env, input, (value) => {
      found = value;
      return true;
    });
    return found === undefined ? stopped : emit(found);
  }, paths);
};

/** The last output; it counts as new, as in jq, though its body must be a path expression where paths are asked. */
const last: MakeCall = ([body = NONE]) =>
  codeOfOne(
    (run, env, input) => {
      let found: Json | undefined;
      collect(body, run, env, input, (value) => {
        found = value;
      });
      return found;
    },
    (run, env, path, input, emit) => {
      let found: Json | undefined;
      const stopped = body.paths(run, env, path, input, (_inner, value) => {
        found = value;
        return false;
      });
      if (stopped || found === undefined) return stopped;
      return emit(found === input ? path : undefined, found);
    },
  );

/** A count as jq compares and subtracts it: what is no number is refused when the first output comes. */
function checkCount(wanted: Json, refusal: string): number {
  if (compareValues(wanted, 0, undefined) < 0) return fail(refusal);
  return typeof wanted === "number" ? wanted : Number.NaN;
}

function checkSubtraction(wanted: Json): void {
  if (typeof wanted !== "number") fail(`${describe(wanted)} and number (1) cannot be subtracted`);
}

const limit: MakeCall = ([count = NONE, body = NONE]) =>
  counted(
    count,
    (wanted, emit) => {
      let left = checkCount(wanted, "limit doesn't support negative count");
      return {
        empty: left <= 0,
        take: (path, value) => {
          checkSubtraction(wanted);
          left--;
          return emit(path, value) || left <= 0;
        },
        finished: () => left <= 0,
      };
    },
    body,
  );

const skip: MakeCall = ([count = NONE, body = NONE]) =>
  counted(
    count,
    (wanted, emit) => {
      let left = checkCount(wanted, "skip doesn't support negative count");
      return {
        empty: false,
        take: (path, value) => {
          checkSubtraction(wanted);
          return left-- >= 1 ? false : emit(path, value);
        },
        finished: () => false,
      };
    },
    body,
  );

const nth: MakeCall = ([count = NONE, body = NONE]) =>
  counted(
    count,
    (wanted, emit) => {
      let left = checkCount(wanted, "nth doesn't support negative indices");
      let hit = false;
      return {
        empty: false,
        take: (path, value) => {
          checkSubtraction(wanted);
          if (left-- >= 1) return false;
          hit = true;
          return emit(path, value) || true;
        },
        finished: () => hit,
      };
    },
    body,
  );

interface Counter {
  readonly empty: boolean;
  readonly take: EmitPath;
  /** True when the counter itself asked to stop. */
  readonly finished: () => boolean;
}

type StartCounter = (wanted: Json, emit: EmitPath) => Counter;

/** Outputs of a body under a counter; once per count. The consumer's wish to stop is told from the counter's own. */
function counted(count: Code, start: StartCounter, body: Code): Code {
  const drive = (wanted: Json, emit: EmitPath, produce: (take: EmitPath) => boolean): boolean => {
    let consumerStopped = false;
    const counter = start(wanted, (path, value) => {
      consumerStopped = emit(path, value);
      return consumerStopped;
    });
    if (counter.empty) return false;
    const stopped = produce(counter.take);
    return consumerStopped || (stopped && !counter.finished());
  };
  return codeOfEach(
    (run, env, input, emit) =>
      count.each(run, env, input, (wanted) =>
        drive(
          wanted,
          (_path, value) => emit(value),
          (take) => body.each(run, env, input, (value) => take(undefined, value)),
        ),
      ),
    (run, env, path, input, emit) =>
      count.each(run, env, input, (wanted) => drive(wanted, emit, (take) => body.paths(run, env, path, input, take))),
  );
}

const isEmpty: MakeCall = ([body = NONE]) =>
  codeOfOne((run, env, input) => {
    let found = false;
    const stopped = body.each(run, env, input, () => {
      found = true;
      return true;
    });
    if (stopped && !found) throw LEAVING;
    return !found;
  });

/** `any` (true) and `all` (false) over outputs of a generator, ended by the first deciding condition. */
function decide(decisive: boolean): MakeCall {
  return (args) => {
    const source = args.length === 2 ? args[0] : undefined;
    const condition = args.length === 2 ? args[1] : args[0];
    return codeOfOne((run, env, input) => {
      let decided = false;
      const test = (item: Json): boolean => {
        run.tick(1);
        if (condition === undefined) decided = isTruthy(item) === decisive;
        else {
          const stopped = condition.each(run, env, item, (value) => {
            decided = isTruthy(value) === decisive;
            return decided;
          });
          if (stopped && !decided) throw LEAVING;
        }
        return decided;
      };
      if (source === undefined) {
        const items = isArray(input) ? input : valuesOf(input, run, run.at);
        return items.some(test) ? decisive : !decisive;
      }
      const stopped = source.each(run, env, input, test);
      if (stopped && !decided) throw LEAVING;
      return decided ? decisive : !decisive;
    });
  };
}

/** Functions that choose among outputs. */
export const FLOW_NATIVES: Natives = {
  "select/1": select,
  "map/1": map,
  "first/1": first,
  "last/1": last,
  "limit/2": limit,
  "skip/2": skip,
  "nth/2": nth,
  "isempty/1": isEmpty,
  "any/0": decide(true),
  "any/1": decide(true),
  "any/2": decide(true),
  "all/0": decide(false),
  "all/1": decide(false),
  "all/2": decide(false),
};
