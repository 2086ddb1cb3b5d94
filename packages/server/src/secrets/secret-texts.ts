import type { JsonValue } from "../resources/manifest.ts";

/** Every text inside a secret's value, as it could stand in a log: a secret may be a map of several. */
export function secretTexts(value: string): readonly string[] {
  const parsed: JsonValue = JSON.parse(value);
  return collect(parsed);
}

function collect(value: JsonValue): readonly string[] {
  if (typeof value === "string") return [value];
  if (typeof value !== "object" || value === null) return [];
  return Object.values(value).flatMap(collect);
}
