import type { Json } from "@stigmer/durable";
import { failure } from "./fail.ts";

/** A JSON object. */
export type JsonObject = { readonly [key: string]: Json };

/** True for a JSON object, false for lists, null and scalars. */
export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** True for a JSON list. */
export function isList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}

/**
 * Reads the typed parts of an effect's input.
 *
 * @throws {DurableFailure} `configuration`, naming the effect and the property, where the type is wrong
 */
export class InputReader {
  readonly #what: string;
  readonly #input: JsonObject;

  /** @param what names the effect in messages, such as `call: http` */
  constructor(what: string, input: Json) {
    if (!isObject(input)) throw wrong(what, "input", "an object");
    this.#what = what;
    this.#input = input;
  }

  value(name: string): Json | undefined {
    return Object.hasOwn(this.#input, name) ? this.#input[name] : undefined;
  }

  text(name: string): string {
    const value = this.value(name);
    if (typeof value !== "string") throw wrong(this.#what, name, "text");
    return value;
  }

  optionalText(name: string): string | undefined {
    return this.value(name) === undefined || this.value(name) === null ? undefined : this.text(name);
  }

  flag(name: string): boolean {
    const value = this.value(name);
    if (value === undefined || value === null) return false;
    if (typeof value !== "boolean") throw wrong(this.#what, name, "true or false");
    return value;
  }

  map(name: string): JsonObject {
    const value = this.value(name);
    if (value === undefined || value === null) return {};
    if (!isObject(value)) throw wrong(this.#what, name, "a map");
    return value;
  }

  list(name: string): readonly Json[] {
    const value = this.value(name);
    if (value === undefined || value === null) return [];
    if (!isList(value)) throw wrong(this.#what, name, "a list");
    return value;
  }

  oneOf<T extends string>(name: string, allowed: readonly T[], otherwise: T): T {
    const value = this.value(name);
    if (value === undefined || value === null) return otherwise;
    const found = allowed.find((candidate) => candidate === value);
    if (found === undefined) throw wrong(this.#what, name, `one of ${allowed.join(", ")}`);
    return found;
  }
}

/** Text of a scalar as it is, JSON text of everything else. */
export function asText(value: Json): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

function wrong(what: string, name: string, expected: string) {
  return failure("configuration", { detail: `Cannot do "${what}": "${name}" must be ${expected}`, retryable: false });
}
