import type { Code, Env } from "./code.ts";
import type { Json } from "./json.ts";
import type { Run } from "./run.ts";

/** Thrown where a `break` has to leave code that answers with one value. */
export const LEAVING: object = Object.freeze({ leaving: "label" });

/** Every output of a piece of code, in order; a `break` inside leaves through {@link LEAVING}. */
export function collect(code: Code, run: Run, env: Env | undefined, input: Json, take: (value: Json) => void): void {
  if (code.one !== undefined) {
    const value = code.one(run, env, input);
    if (value !== undefined) take(value);
    return;
  }
  const stopped = code.each(run, env, input, (value) => {
    take(value);
    return false;
  });
  if (stopped) throw LEAVING;
}

/** First output of a piece of code, undefined when there is none. */
export function firstOf(code: Code, run: Run, env: Env | undefined, input: Json): Json | undefined {
  if (code.one !== undefined) return code.one(run, env, input);
  let first: Json | undefined;
  const stopped = code.each(run, env, input, (value) => {
    first = value;
    return true;
  });
  if (stopped && first === undefined) throw LEAVING;
  return first;
}
