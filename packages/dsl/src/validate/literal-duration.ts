import { durationToMs } from "../durations.ts";
import { isObject, type Json } from "../json.ts";

/** Milliseconds of a duration as it is written; undefined for expressions and for what is no duration. */
export function literalMs(duration: Json | undefined): number | undefined {
  if (typeof duration === "string") return durationToMs(duration);
  if (!isObject(duration)) return undefined;
  return Object.values(duration).every((part) => typeof part === "number") ? durationToMs(duration) : undefined;
}
