import type { ModelCall } from "./model-answer.ts";

/** How often in a row the model asked for exactly the same calls. */
export interface Repeats {
  readonly signature: string;
  readonly count: number;
}

/** Before the first step. */
export const NO_REPEATS: Repeats = { signature: "", count: 0 };

/** From this many equal steps in a row on, the calls are answered with a hint instead of being made. */
export const NUDGE_AT = 3;
/** After this many equal steps in a row the turn ends. */
export const GIVE_UP_AT = 5;

/** Counts a step whose calls are `calls`; order does not matter. */
export function countRepeat(repeats: Repeats, calls: readonly ModelCall[]): Repeats {
  const signature = calls
    .map((call) => `${call.name} ${call.argsHash}`)
    .sort()
    .join("\n");
  return { signature, count: signature === repeats.signature ? repeats.count + 1 : 1 };
}
