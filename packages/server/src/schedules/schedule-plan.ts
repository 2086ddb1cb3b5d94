import { isStrategyMet, NO_EVENTS, nextOccurrence, type Schedule } from "@stigmer/dsl";
import type { JsonValue } from "../resources/manifest.ts";
import { memberOf } from "../resources/references.ts";
import type { StoredSchedule } from "../store/commands-schedules.ts";

/** The schedule of a workflow that is valid; undefined when it has none. */
export function scheduleOf(definition: JsonValue): Schedule | undefined {
  // Validation has looked at its structure; a definition is stored as it was validated.
  return memberOf(definition, "schedule") as Schedule | undefined;
}

/** What is stored of a schedule that begins now. */
export function planSchedule(schedule: Schedule, nowMs: number): StoredSchedule {
  const { after, on } = schedule;
  return {
    spec: JSON.stringify(schedule),
    nextDueAtMs: nextOccurrence(schedule, nowMs) ?? null,
    afterMs: after === undefined ? null : (nextOccurrence({ after }, 0) ?? null),
    // A strategy that is met without any event would start runs without end.
    listens: on !== undefined && !isStrategyMet(on, NO_EVENTS),
  };
}

/**
 * The moment after one that is due: later than now, so that moments that were missed run once at most. `every` keeps its
 * grid; `after` waits for the end of the run and plans nothing yet.
 */
export function momentAfter(schedule: Schedule, dueAtMs: number, nowMs: number): number | null {
  const { every, cron } = schedule;
  const periodMs = every === undefined ? undefined : nextOccurrence({ every }, 0);
  const missed = periodMs === undefined ? 0 : Math.floor(Math.max(0, nowMs - dueAtMs) / periodMs);
  const moments = [
    periodMs === undefined ? undefined : dueAtMs + periodMs * (missed + 1),
    cron === undefined ? undefined : nextOccurrence({ cron }, Math.max(dueAtMs, nowMs)),
  ].filter((at) => at !== undefined);
  return moments.length === 0 ? null : Math.min(...moments);
}
