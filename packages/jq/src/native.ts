import { type Code, codeOfEach, codeOfOne, type Paths } from "./code.ts";
import type { Json } from "./json.ts";
import type { Run } from "./run.ts";

/** Makes the code of a call from the code of its arguments; `at` is the offset of the call. */
export type MakeCall = (args: readonly Code[], at: number) => Code;

/** Built-in functions by `name/arity`. */
export type Natives = Readonly<Record<string, MakeCall>>;

/** Charges a run for the memory of a new value; small ones are free. */
function charge(run: Run, value: Json): Json {
  if (typeof value === "string") {
    if (value.length > 64) run.tick(value.length >> 4);
  } else if (Array.isArray(value)) run.tick(value.length >> 2);
  return value;
}

/** A function of the input alone. */
export function native0(apply: (run: Run, input: Json) => Json): MakeCall {
  return (_args, at) =>
    codeOfOne((run, _env, input) => {
      run.at = at;
      return charge(run, apply(run, input));
    });
}

/** A function of the input and one value. */
export function native1(apply: (run: Run, input: Json, a: Json) => Json, paths?: Paths): MakeCall {
  return ([arg], at) => {
    if (arg === undefined) return codeOfEach(() => false);
    const { one } = arg;
    if (one === undefined) {
      return codeOfEach((run, env, input, emit) =>
        arg.each(run, env, input, (a) => {
          run.at = at;
          return emit(charge(run, apply(run, input, a)));
        }),
      );
    }
    return codeOfOne((run, env, input) => {
      const a = one(run, env, input);
      run.at = at;
      return a === undefined ? undefined : charge(run, apply(run, input, a));
    }, paths);
  };
}

/** A function of the input and several values; the last argument varies slowest. */
export function nativeN(apply: (run: Run, input: Json, ...values: Json[]) => Json): MakeCall {
  return (args, at) =>
    codeOfEachOrOne(args, (run, input, values) => {
      run.at = at;
      return apply(run, input, ...values);
    });
}

function codeOfEachOrOne(args: readonly Code[], apply: (run: Run, input: Json, values: readonly Json[]) => Json): Code {
  const ones = args.map((arg) => arg.one);
  if (ones.every((one) => one !== undefined)) {
    return codeOfOne((run, env, input) => {
      const values = new Array<Json>(ones.length);
      for (let i = ones.length - 1; i >= 0; i--) {
        const value = ones[i]!(run, env, input);
        if (value === undefined) return undefined;
        values[i] = value;
      }
      return charge(run, apply(run, input, values));
    });
  }
  return codeOfEach((run, env, input, emit) => {
    const step = (index: number, tail: readonly Json[]): boolean => {
      if (index < 0) return emit(charge(run, apply(run, input, tail)));
      return args[index]!.each(run, env, input, (value) => {
        run.tick(1);
        return step(index - 1, [value, ...tail]);
      });
    };
    return step(args.length - 1, []);
  });
}
