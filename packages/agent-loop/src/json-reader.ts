import { DurableFailure, type Json } from "@stigmer/durable";

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

/** Own property; undefined when it is absent or null. */
export function member(object: JsonObject, name: string): Json | undefined {
  return Object.hasOwn(object, name) && object[name] !== null ? object[name] : undefined;
}

/** @throws {DurableFailure} when it is no object */
export function readObject(value: Json | undefined, where: string): JsonObject {
  if (!isObject(value)) throw invalid(where, "a map");
  return value;
}

/** @throws {DurableFailure} when it is no text */
export function readText(object: JsonObject, name: string, where: string): string {
  const value = member(object, name);
  if (typeof value !== "string") throw invalid(`${where}.${name}`, "text");
  return value;
}

/** @throws {DurableFailure} when it is there and no text */
export function readOptionalText(object: JsonObject, name: string, where: string): string | undefined {
  return member(object, name) === undefined ? undefined : readText(object, name, where);
}

/** A whole number above zero. @throws {DurableFailure} when it is there and none */
export function readCount(object: JsonObject, name: string, where: string): number | undefined {
  const value = member(object, name);
  if (value === undefined) return undefined;
  if (typeof value !== "number" || !Number.isInteger(value) || value < 1) {
    throw invalid(`${where}.${name}`, "a whole number above zero");
  }
  return value;
}

/** The items of a list, none when it is absent. @throws {DurableFailure} when it is there and no list */
export function readList(object: JsonObject, name: string, where: string): readonly Json[] {
  const value = member(object, name);
  if (value === undefined) return [];
  if (!isList(value)) throw invalid(`${where}.${name}`, "a list");
  return value;
}

/** The failure of a definition or an input that is not what it must be. */
export function invalid(where: string, expected: string): DurableFailure {
  return new DurableFailure({
    type: "https://serverlessworkflow.io/spec/1.0.0/errors/configuration",
    status: 400,
    title: "Configuration error",
    detail: `Cannot run the agent: ${where} must be ${expected}`,
    retryable: false,
  });
}
