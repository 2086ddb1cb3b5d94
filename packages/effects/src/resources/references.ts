import type { Json } from "@stigmer/durable";
import { failure } from "../fail.ts";
import { isObject, type JsonObject } from "../read-input.ts";

const MAX_REFERENCES = 32;

/**
 * The map behind `$ref` (inside the same document), or the value itself where it is no reference.
 *
 * @param what names the document in messages
 * @returns undefined when the value is no map
 * @throws {DurableFailure} `configuration` for references that lead nowhere, in circles or out of the document
 */
export function followReference(what: string, document: JsonObject, value: Json | undefined): JsonObject | undefined {
  let current = value;
  for (let steps = 0; steps < MAX_REFERENCES; steps++) {
    if (!isObject(current)) return undefined;
    const reference = current.$ref;
    if (typeof reference !== "string") return current;
    const target = lookUpPointer(document, reference);
    if (target === undefined) throw broken(what, `"$ref: ${reference}" leads nowhere in it`);
    current = target;
  }
  throw broken(what, "its references go in a circle");
}

/** The value at a reference such as `#/a/b`; undefined where there is none. */
export function lookUpPointer(document: JsonObject, reference: string): Json | undefined {
  if (!reference.startsWith("#/")) return undefined;
  let current: Json | undefined = document;
  for (const part of reference.slice(2).split("/")) {
    const name = decodePart(part);
    if (typeof current !== "object" || current === null || !Object.hasOwn(current, name)) return undefined;
    current = (current as { readonly [name: string]: Json })[name];
  }
  return current;
}

function decodePart(part: string): string {
  const plain = part.replaceAll("~1", "/").replaceAll("~0", "~");
  try {
    return decodeURIComponent(plain);
  } catch {
    return plain; // a lone per cent sign
  }
}

function broken(what: string, why: string) {
  return failure("configuration", { detail: `Cannot use the ${what}: ${why}`, retryable: false });
}
