import type { Json } from "./json.ts";

/**
 * An error on its way through a running filter.
 *
 * Not an `Error`: filters raise and catch by the thousand, and stack traces would cost more than the work.
 */
export class Raise {
  readonly value: Json;

  constructor(value: Json) {
    this.value = value;
  }
}

/** Raises a jq error with a text. */
export function fail(message: string): never {
  throw new Raise(message);
}
