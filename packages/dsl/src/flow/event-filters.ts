import { isObject, type Json, type JsonObject } from "../json.ts";
import type { EventFilter } from "../model-events.ts";
import { matchesPattern } from "../patterns.ts";
import { sameJson } from "../same-json.ts";
import { evaluateData } from "./evaluate-data.ts";
import { type EvaluateOptions, evaluateExpression, type Variables } from "./evaluate-expression.ts";
import { isExpression } from "./expression-text.ts";

/** Where a listener stands: what its expressions see. */
export interface ListenerScope extends EvaluateOptions {
  /** Input of the listening task; default null. */
  readonly input?: Json;
  /** Default none. */
  readonly variables?: Variables;
}

/** Signs that a text is meant as a regular expression; dots, dashes and slashes stand in types and URIs too. */
const PATTERN_SIGNS = /[\\^$*+?()[\]{}|]/;

/**
 * True when an event has every attribute that the filter names.
 *
 * A text matches an equal attribute, or as a regular expression the attribute as a whole. An expression for `data` is
 * evaluated on the event's data, every other one on the listener's input; `true` or `false` decides, any other result is
 * compared with the attribute. Other values are compared as data; data nested too deeply to compare matches nothing.
 *
 * @throws {WorkflowProblemError} expression error of an expression that does not read the event's data
 * @see DSL reference 1.0.3, "Event Filter"
 */
export function matchesEventFilter(filter: EventFilter, event: JsonObject, scope: ListenerScope = {}): boolean {
  try {
    return Object.entries(filter.with).every(([name, expected]) => matchesAttribute(name, expected, event, scope));
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

function matchesAttribute(name: string, expected: Json, event: JsonObject, scope: ListenerScope): boolean {
  const actual = Object.hasOwn(event, name) ? event[name] : undefined;
  if (actual === undefined) return false;
  if (typeof expected === "string" && !isExpression(expected)) return matchesText(expected, actual);
  const { variables = {}, input = null } = scope;
  if (name === "data") return matchesData(expected, actual, variables, scope);
  return decides(evaluateData(expected, input, variables, scope), actual, typeof expected === "string");
}

function matchesText(expected: string, actual: Json): boolean {
  if (typeof actual === "object") return false;
  const text = String(actual);
  if (text === expected) return true;
  return PATTERN_SIGNS.test(expected) && matchesPattern(`^(?:${expected})$`, text) === "yes";
}

/** Data that the filter's expression cannot read is data that does not match. */
function matchesData(expected: Json, data: Json, variables: Variables, options: EvaluateOptions): boolean {
  if (typeof expected !== "string") return containsData(evaluateData(expected, data, variables, options), data);
  try {
    return decides(evaluateExpression(expected, data, variables, options), data, true);
  } catch {
    return false;
  }
}

function decides(result: Json, actual: Json, isPredicate: boolean): boolean {
  return isPredicate && typeof result === "boolean" && typeof actual !== "boolean" ? result : sameJson(result, actual);
}

/** A map in a filter names the members that count; everything else is compared as a whole. */
function containsData(expected: Json, actual: Json): boolean {
  if (!isObject(expected) || !isObject(actual)) return sameJson(expected, actual);
  return Object.entries(expected).every(
    ([name, value]) => Object.hasOwn(actual, name) && containsData(value, actual[name] ?? null),
  );
}
