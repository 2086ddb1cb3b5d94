import type { Json } from "@stigmer/dsl";
import { equalJson } from "@stigmer/jq";

/** True when `actual` holds everything that `expected` says: maps may hold more, lists may not. */
export function matchesPartially(expected: Json, actual: Json): boolean {
  return equalJson(expected, project(expected, actual));
}

/** What is left of `actual` when members that `expected` does not name are taken away. */
export function project(expected: Json, actual: Json): Json {
  if (isList(expected) && isList(actual)) {
    return actual.map((item, index) => (index < expected.length ? project(expected[index] ?? null, item) : item));
  }
  if (!isMap(expected) || !isMap(actual)) return actual;
  return Object.fromEntries(
    Object.entries(expected).flatMap(([name, wanted]) => {
      const found = Object.hasOwn(actual, name) ? actual[name] : undefined;
      return found === undefined ? [] : [[name, project(wanted, found)]];
    }),
  );
}

/** True for a JSON list. */
export function isList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}

/** True for a JSON object. */
export function isMap(value: Json | undefined): value is { readonly [name: string]: Json } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
