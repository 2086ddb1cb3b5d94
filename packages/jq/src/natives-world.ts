import { codeOfEach, codeOfOne } from "./code.ts";
import { readEnvironment } from "./compile-names.ts";
import { fail, Raise } from "./errors.ts";
import type { Json } from "./json.ts";
import { type MakeCall, type Natives, native0, native1 } from "./native.ts";
import type { Run } from "./run.ts";

function nextInput(run: Run): Json | undefined {
  const next = run.world.inputs?.next();
  return next === undefined || next.done === true ? undefined : next.value;
}

const inputs: MakeCall = () =>
  codeOfEach((run, _env, _input, emit) => {
    for (let value = nextInput(run); value !== undefined; value = nextInput(run)) {
      run.tick(1);
      if (emit(value)) return true;
    }
    return false;
  });

/** Functions that reach outside of the input; the run decides what they find. */
export const WORLD_NATIVES: Natives = {
  "input/0": native0((run) => nextInput(run) ?? fail("break")),
  "inputs/0": inputs,
  "debug/0": () =>
    codeOfOne(
      (run, _env, input) => {
        run.world.onDebug(input);
        return input;
      },
      (run, _env, path, input, emit) => {
        run.world.onDebug(input);
        return emit(path, input);
      },
    ),
  "stderr/0": native0((run, input) => {
    run.world.onStderr(input);
    return input;
  }),
  "input_line_number/0": native0(() => 0),
  "input_filename/0": native0(() => null),
  "env/0": native0(readEnvironment),
  "now/0": native0((run) => run.world.now()),
  "get_search_list/0": native0(() => []),
  "halt/0": native0(() => {
    throw new Halt(null, 0);
  }),
  "halt_error/1": native1((_run, input, code) => {
    if (typeof code !== "number") return fail("halt_error/1: number required");
    throw new Halt(input, code);
  }),
};

/** `halt` and `halt_error`: ends the whole run, past every `try`. */
export class Halt {
  readonly value: Json;
  readonly exitCode: number;

  constructor(value: Json, exitCode: number) {
    this.value = value;
    this.exitCode = exitCode;
  }

  /** As an error for callers that have no process to end. */
  toRaise(): Raise {
    return new Raise(this.value);
  }
}
