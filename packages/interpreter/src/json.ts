import type { Json, JsonObject } from "@stigmer/dsl";

/** True for a JSON object, false for lists, null and scalars. */
export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** True for a JSON list. */
export function isList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}

/** Own property of a JSON object; never finds inherited names such as `constructor`. */
export function property(value: Json | undefined, name: string): Json | undefined {
  return isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;
}

/** The object without members that are undefined. */
export function present(members: { readonly [key: string]: Json | undefined }): JsonObject {
  const object: { [key: string]: Json } = {};
  for (const [key, value] of Object.entries(members)) if (value !== undefined) object[key] = value;
  return object;
}
