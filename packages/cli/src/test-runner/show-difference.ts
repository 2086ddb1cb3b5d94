import type { Json } from "@stigmer/dsl";
import { diffLines } from "../diff-lines.ts";

/** Lines around a changed one that are shown. */
const CONTEXT_LINES = 2;
const MAX_LINES = 60;

/** A line of a difference as it is shown. */
export interface ShownLine {
  readonly mark: " " | "+" | "-" | "…";
  readonly text: string;
}

/** The difference of two values in lines of JSON: `-` is expected, `+` is what came. */
export function showDifference(expected: Json, actual: Json): readonly ShownLine[] {
  const lines = diffLines(linesOf(expected), linesOf(actual));
  const isNear = lines.map((_, at) =>
    lines.slice(Math.max(0, at - CONTEXT_LINES), at + CONTEXT_LINES + 1).some(({ mark }) => mark !== " "),
  );
  const shown: ShownLine[] = [];
  for (const [at, line] of lines.entries()) {
    if (isNear[at]) shown.push(line);
    else if (shown.at(-1)?.mark !== "…") shown.push({ mark: "…", text: "" });
  }
  return shown.length > MAX_LINES ? [...shown.slice(0, MAX_LINES), { mark: "…", text: "" }] : shown;
}

function linesOf(value: Json): readonly string[] {
  return JSON.stringify(sorted(value), undefined, 2).split("\n");
}

/** The order of members means nothing. */
function sorted(value: Json): Json {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value as { readonly [name: string]: Json });
  return Object.fromEntries(
    entries.sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, member]) => [name, sorted(member)]),
  );
}
