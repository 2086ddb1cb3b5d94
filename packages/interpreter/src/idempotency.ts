import type { Frame } from "./frame.ts";

/** The attempt of a `try` that may be repeated: what runs in it keeps its name when it runs again in the next attempt. */
export interface Attempt {
  /** Name of the `try` itself, equal over the attempts of what is around it. */
  readonly name: string;
  /** Reference of the `try`. */
  readonly reference: string;
  /** How often each task below began in this attempt, by reference. */
  readonly begun: Map<string, number>;
}

/**
 * Names a run of a task so that its repetitions in later attempts of the `try` around it have the same name: reference
 * and count within the attempt. Services tell by it that a request is the same one again.
 *
 * @returns undefined outside of every repeated `try`, where the key of the run is such a name
 */
export function idempotencyScope({ attempt }: Frame, reference: string): string | undefined {
  if (attempt === undefined) return undefined;
  const count = (attempt.begun.get(reference) ?? 0) + 1;
  attempt.begun.set(reference, count);
  return `${attempt.name}${reference.slice(attempt.reference.length)}#${count}`;
}
