import { JqError, JqLimitError, type JqLimits, type RunOptions } from "@stigmer/jq";
import type { Json } from "../json.ts";
import type { EvaluateMode } from "../model.ts";
import { standardProblem, WorkflowProblemError } from "../standard-errors.ts";
import { compileExpression } from "./compile-expression.ts";
import { unwrapExpression } from "./expression-text.ts";

/** Variables by name without `$`: context, input, output, secrets, authorization, task, workflow, runtime and local ones. */
export type Variables = Readonly<Record<string, Json>>;

/** How values are evaluated. */
export interface EvaluateOptions {
  /** Default `strict`. */
  readonly mode?: EvaluateMode;
  /** Budgets of each expression. Default: 5,000,000 steps, 8 MiB of text, 1,000,000 items. */
  readonly limits?: JqLimits;
  /** Seconds since 1970 for jq's `now`, the same on every replay; without it `now` fails. */
  readonly now?: () => number;
}

/** Budgets of an expression where the caller sets none: a second of work at most. */
export const EXPRESSION_LIMITS: JqLimits = {
  maxSteps: 5_000_000,
  maxOutputs: 100_000,
  maxStringLength: 8_388_608,
  maxSizeItems: 1_000_000,
};

/**
 * Evaluates one expression, bare jq or `${ }`, on an input.
 *
 * @returns its first output; null when it has none
 * @throws {WorkflowProblemError} expression error when it cannot be compiled, fails or exceeds its budget
 */
export function evaluateExpression(
  text: string,
  input: Json,
  variables: Variables,
  options: EvaluateOptions = {},
): Json {
  const source = unwrapExpression(text);
  const expression = compileExpression(source);
  if (!expression.ok) throw failure(source, expression.diagnostics[0]?.message ?? "it is no jq");
  const given = pickVariables(source, expression.variables, variables);
  try {
    return expression.filter.first(input, runOptions(given, options)) ?? null;
  } catch (error) {
    if (error instanceof JqError || error instanceof JqLimitError) throw failure(source, error.message, error);
    throw error;
  }
}

function runOptions(variables: Variables, { limits = EXPRESSION_LIMITS, now }: EvaluateOptions): RunOptions {
  return now === undefined ? { variables, limits } : { variables, limits, now };
}

/** Evaluates a condition: everything but false and null holds. */
export function evaluateCondition(
  text: string,
  input: Json,
  variables: Variables,
  options: EvaluateOptions = {},
): boolean {
  const value = evaluateExpression(text, input, variables, options);
  return value !== false && value !== null;
}

function pickVariables(source: string, names: readonly string[], variables: Variables): Variables {
  const given: Record<string, Json> = {};
  for (const name of names) {
    const value = Object.hasOwn(variables, name) ? variables[name] : undefined;
    if (value === undefined) throw failure(source, `variable $${name} is not available here`);
    given[name] = value;
  }
  return given;
}

const SHOWN_LENGTH = 80;

function failure(source: string, reason: string, cause?: Error): WorkflowProblemError {
  const line = source.trim().replaceAll(/\s+/g, " ");
  const shown = line.length > SHOWN_LENGTH ? `${line.slice(0, SHOWN_LENGTH)}…` : line;
  const problem = standardProblem("expression", `Cannot evaluate "${shown}": ${reason}`);
  return new WorkflowProblemError(problem, cause === undefined ? {} : { cause });
}
