import type { Json, JsonObject } from "../json.ts";
import { CONTAINER_KEYWORDS } from "./container-keywords.ts";
import { LOGIC_KEYWORDS, REST_KEYWORDS } from "./logic-keywords.ts";
import { createResolver } from "./references.ts";
import {
  checkValue,
  type Keyword,
  type PlannedKeyword,
  SchemaBudgetError,
  type SchemaProblem,
  type SchemaRun,
} from "./schema-run.ts";
import { VALUE_KEYWORDS } from "./value-keywords.ts";

const KEYWORDS: readonly (readonly [string, Keyword])[] = [
  ...VALUE_KEYWORDS,
  ...LOGIC_KEYWORDS,
  ...CONTAINER_KEYWORDS,
  ...REST_KEYWORDS,
];

/** Limits of one validation. */
export interface ValidateSchemaOptions {
  /** Schemas applied to values, and work in proportion; default 1,000,000, about a second. */
  readonly maxSteps?: number;
  /** Problems that are reported; default 50. */
  readonly maxProblems?: number;
}

/**
 * Checks a value against a JSON Schema of draft 2020-12 or draft 7, interpreted: nothing is compiled, nothing fetched.
 *
 * Patterns run on the budgeted matcher of jq. References lead inside the schema only.
 *
 * @returns an empty list when the value matches; a last problem `budget` when the check was given up
 */
export function validateSchema(
  schema: Json,
  value: Json,
  options: ValidateSchemaOptions = {},
): readonly SchemaProblem[] {
  const problems: SchemaProblem[] = [];
  try {
    checkValue(schema, value, "", createRun(schema, options.maxSteps ?? 1_000_000), problems);
  } catch (error) {
    const message = budgetMessage(error);
    if (message === undefined) throw error;
    return [...problems.slice(0, options.maxProblems ?? 50), { pointer: "", keyword: "budget", message }];
  }
  return problems.slice(0, options.maxProblems ?? 50);
}

/** One line for the detail of a validation error: the first problems, each with its place. */
export function describeSchemaProblems(problems: readonly SchemaProblem[]): string {
  const shown = problems
    .slice(0, 5)
    .map(({ pointer, message }) => `${pointer === "" ? "the value" : pointer} ${message}`);
  const more = problems.length > shown.length ? `; and ${problems.length - shown.length} more` : "";
  return `${shown.join("; ")}${more}`;
}

/** Values nested too deeply for the stack end like every other budget. */
function budgetMessage(error: unknown): string | undefined {
  if (error instanceof SchemaBudgetError) return error.message;
  return error instanceof RangeError ? "cannot be checked: it is nested too deeply" : undefined;
}

function createRun(schema: Json, maxSteps: number): SchemaRun {
  const plans = new Map<JsonObject, readonly PlannedKeyword[]>();
  let left = maxSteps;
  return {
    resolve: createResolver(schema),
    tracksSeen: asksWhatWasSeen(schema),
    depth: 0,
    plan: (part) => {
      const known = plans.get(part) ?? planOf(part);
      plans.set(part, known);
      return known;
    },
    spend: (steps) => {
      left -= steps;
      if (left < 0) throw new SchemaBudgetError(`cannot be checked within ${maxSteps} steps`);
    },
  };
}

function planOf(schema: JsonObject): readonly PlannedKeyword[] {
  return KEYWORDS.flatMap(([keyword, check]) =>
    Object.hasOwn(schema, keyword) ? [{ keyword, argument: schema[keyword] ?? null, check }] : [],
  );
}

function asksWhatWasSeen(schema: Json): boolean {
  const open: Json[] = [schema];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (typeof next !== "object" || next === null) continue;
    if (REST_KEYWORDS.some(([keyword]) => Object.hasOwn(next, keyword))) return true;
    for (const part of Object.values(next)) open.push(part);
  }
  return false;
}
