import type { Json, JsonObject } from "@stigmer/dsl";
import type { ProgramEvent } from "@stigmer/durable";

/** Events of one iteration of a long loop that nobody has been told yet. */
export interface KeptIteration {
  /** True once something went wrong in it: everything about it is told at once. */
  isLoud: boolean;
  readonly events: ProgramEvent[];
}

/** The newest iterations of a long loop, to be told should it end before its last ones are known to be. */
export type KeptIterations = KeptIteration[];

/** Iterations that are kept. */
const MAX_ITERATIONS = 100;

/** Events of one iteration that are kept; loops inside it could have any number. */
const MAX_EVENTS = 1_000;

/**
 * Begins an iteration; the oldest one goes when there are too many.
 *
 * @returns how many went: 0 or 1
 */
export function keepIteration(kept: KeptIterations): number {
  kept.push({ isLoud: false, events: [] });
  return kept.length > MAX_ITERATIONS && kept.shift() !== undefined ? 1 : 0;
}

/** Keeps an event with its time; beyond the limit it is dropped. */
export function keepEvent(kept: KeptIterations, event: ProgramEvent, atMs: number): void {
  const events = kept.at(-1)?.events;
  if (events === undefined || events.length >= MAX_EVENTS) return;
  const data: JsonObject = { ...(event.data as JsonObject), atMs };
  events.push({ type: event.type, data });
}

/** Takes what was kept of the iteration that runs and makes it a loud one. */
export function raiseVoice(kept: KeptIterations): readonly ProgramEvent[] {
  const current = kept.at(-1);
  if (current === undefined) return [];
  current.isLoud = true;
  return current.events.splice(0);
}

/** Takes everything that was kept, in order. */
export function takeKept(kept: KeptIterations): readonly ProgramEvent[] {
  return kept.splice(0).flatMap(({ events }) => events);
}

/** Outputs beyond this length are left out of snapshots. */
const MAX_OUTPUT_LENGTH = 2_000;

/** What was kept, for a snapshot. */
export function keptToJson(kept: KeptIterations): Json {
  return kept.map(({ isLoud, events }) => ({
    ...(isLoud ? { isLoud } : {}),
    events: events.map(({ type, data }) => ({ type, data: withoutBulk(data) })),
  }));
}

function withoutBulk(data: Json): Json {
  const { output, ...rest } = data as JsonObject;
  return output === undefined || JSON.stringify(output).length <= MAX_OUTPUT_LENGTH ? data : rest;
}
