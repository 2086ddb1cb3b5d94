import type { Json, JsonObject } from "../json.ts";
import type { Correlation, EventConsumptionStrategy, EventFilter } from "../model-events.ts";
import { sameJson } from "../same-json.ts";
import { WorkflowProblemError } from "../standard-errors.ts";
import { evaluateExpression } from "./evaluate-expression.ts";
import { type ListenerScope, matchesEventFilter } from "./event-filters.ts";
import { isExpression } from "./expression-text.ts";

/** How far the waiting for events has come, as plain data. */
export type StrategyProgress = {
  /** Filters that have had an event, by their place. */
  readonly filled: readonly number[];
  /** The same for the events of `until`. */
  readonly stopped: readonly number[];
  /** Values of the correlation keys seen first. */
  readonly keys: JsonObject;
};

/** Nothing has come yet. */
export const NO_EVENTS: StrategyProgress = { filled: [], stopped: [], keys: {} };

/** What an event means for a strategy. */
export interface TakenEvent {
  /** `until`: the event only counts for the end of listening. */
  readonly part: "events" | "until";
  readonly progress: StrategyProgress;
}

/**
 * What an event means for a strategy; `until` comes first. Of `all`, each filter takes one event.
 *
 * A correlation reads its key from the whole event; a key that is absent, null or another one than the first or the
 * expected one makes the event none of this listener's.
 *
 * @returns undefined when the event is not waited for
 * @throws {WorkflowProblemError} expression error of an expression that does not read the event
 */
export function takeEvent(
  strategy: EventConsumptionStrategy,
  event: JsonObject,
  progress: StrategyProgress,
  scope: ListenerScope = {},
): TakenEvent | undefined {
  const { until } = strategy;
  if (typeof until === "object") {
    const taken = takeByFilters(until, progress.stopped, { event, keys: progress.keys, scope });
    if (taken !== undefined)
      return { part: "until", progress: { ...progress, stopped: taken.filled, keys: taken.keys } };
  }
  const taken = takeByFilters(strategy, progress.filled, { event, keys: progress.keys, scope });
  return taken === undefined ? undefined : { part: "events", progress: { ...progress, ...taken } };
}

/** True when a strategy waits for nothing more. An expression in `until` is for the caller to ask. */
export function isStrategyMet(strategy: EventConsumptionStrategy, { filled, stopped }: StrategyProgress): boolean {
  const { all, until } = strategy;
  if (all !== undefined) return filled.length >= all.length;
  if (until === undefined) return filled.length > 0;
  return typeof until === "object" && isStrategyMet(until, { ...NO_EVENTS, filled: stopped });
}

interface Candidate {
  readonly event: JsonObject;
  readonly keys: JsonObject;
  readonly scope: ListenerScope;
}

function takeByFilters(strategy: EventConsumptionStrategy, filled: readonly number[], candidate: Candidate) {
  const filters = strategy.all ?? strategy.any ?? (strategy.one === undefined ? [] : [strategy.one]);
  if (strategy.any?.length === 0) return { filled: [0], keys: candidate.keys };
  for (const [index, filter] of filters.entries()) {
    if (strategy.all !== undefined && filled.includes(index)) continue;
    const keys = keysOf(filter, candidate);
    if (keys !== undefined) return { filled: filled.includes(index) ? filled : [...filled, index], keys };
  }
  return undefined;
}

/** The keys after this event; undefined when the filter does not want it. */
function keysOf(filter: EventFilter, { event, keys, scope }: Candidate): JsonObject | undefined {
  if (!matchesEventFilter(filter, event, scope)) return undefined;
  const found: Record<string, Json> = { ...keys };
  for (const [name, correlation] of Object.entries(filter.correlate ?? {})) {
    const value = keyOf(correlation, event, scope);
    const expected = expectedOf(correlation, scope) ?? (Object.hasOwn(keys, name) ? keys[name] : undefined);
    if (value === null || (expected !== undefined && !isSameKey(expected, value))) return undefined;
    found[name] = value;
  }
  return found;
}

/** An event that the expression cannot read is none with that key. */
function keyOf({ from }: Correlation, event: JsonObject, scope: ListenerScope): Json {
  try {
    return evaluateExpression(from, event, scope.variables ?? {}, scope);
  } catch (error) {
    if (error instanceof WorkflowProblemError) return null;
    throw error;
  }
}

function expectedOf({ expect }: Correlation, scope: ListenerScope): Json | undefined {
  if (expect === undefined || !isExpression(expect)) return expect;
  return evaluateExpression(expect, scope.input ?? null, scope.variables ?? {}, scope);
}

/** Constants are texts, so a number is compared by what it looks like too. */
function isSameKey(expected: Json, value: Json): boolean {
  if (sameJson(expected, value)) return true;
  return typeof expected === "string" && typeof value !== "object" && expected === String(value);
}
