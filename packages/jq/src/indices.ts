import { equalValues } from "./compare.ts";
import type { Json } from "./json.ts";
import type { Run } from "./run.ts";

/** Positions at which a sequence of values starts within an array; none for an empty sequence. */
export function findIndices(run: Run, items: readonly Json[], wanted: readonly Json[]): Json {
  if (wanted.length === 0) return [];
  const found: number[] = [];
  for (let at = 0; at < items.length; at++) {
    run.tick(1);
    if (startsAt(run, items, wanted, at)) found.push(at);
  }
  return found;
}

function startsAt(run: Run, items: readonly Json[], wanted: readonly Json[], at: number): boolean {
  for (let i = 0; i < wanted.length; i++) {
    const item = items[at + i];
    run.tick(1);
    if (item === undefined || !equalValues(item, wanted[i]!, run)) return false;
  }
  return true;
}
