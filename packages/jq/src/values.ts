import { compareValues, equalValues } from "./compare.ts";
import { JqError, Raise } from "./errors.ts";
import type { Json } from "./json.ts";
import { readJson, readJsonStream } from "./json-parse.ts";

/**
 * Reads one JSON text as jq does: also `nan`, `Infinity` and a byte order mark; numbers become doubles.
 *
 * @throws {JqError} with jq's message and the place
 */
export function parseJsonText(text: string): Json {
  return converted(() => readJson(text));
}

/**
 * Reads all JSON values of a text, as jq reads its standard input.
 *
 * @throws {JqError} with jq's message and the place
 */
export function parseJsonTexts(text: string): Json[] {
  return converted(() => readJsonStream(text));
}

/**
 * jq's total order: null, false, true, numbers, strings, arrays, objects; negative, zero or positive.
 *
 * @throws {JqError} for values nested more than 10,000 levels
 */
export function compareJson(a: Json, b: Json): number {
  return converted(() => compareValues(a, b, undefined));
}

/**
 * jq's `==`; NaN equals nothing.
 *
 * @throws {JqError} for values nested more than 10,000 levels
 */
export function equalJson(a: Json, b: Json): boolean {
  return converted(() => equalValues(a, b, undefined));
}

function converted<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw error instanceof Raise ? new JqError(error.value) : error;
  }
}
