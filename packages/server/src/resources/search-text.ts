import type { JsonValue } from "./manifest.ts";

/** The words of a definition for the search: names of members and all texts, without the marks of JSON. */
export function searchTextOf(value: JsonValue): string {
  return collect(value).join(" ");
}

function collect(value: JsonValue): readonly string[] {
  if (value === null || typeof value === "boolean") return [];
  if (typeof value !== "object") return [String(value)];
  if (Array.isArray(value)) return value.flatMap(collect);
  return Object.entries(value).flatMap(([name, member]) => [name, ...collect(member)]);
}
