import {
  type Duration,
  deferExpression,
  deferSecrets,
  evaluateData,
  evaluateDuration,
  evaluateExpression,
  type Json,
  type Transformation,
} from "@stigmer/dsl";
import type { Durable } from "@stigmer/durable";
import type { Variables } from "./frame.ts";
import { revealSecrets } from "./reveal-secrets.ts";
import type { Run } from "./run.ts";
import type { Step } from "./step.ts";

/** Where and on what an expression is evaluated. */
export interface Evaluation {
  readonly run: Run;
  readonly durable: Durable;
  /** Place in the document, for the keys of effects. */
  readonly pointer: string;
  /** What `.` means. */
  readonly input: Json;
  readonly variables: Variables;
}

/** Value of an expression, bare or in `${ }`. */
export function* evaluate(evaluation: Evaluation, text: string): Step<Json> {
  const { run, input, variables } = evaluation;
  if (!text.includes("$secrets")) return evaluateExpression(text, input, variables, run.evaluate);
  return yield* revealSecrets(evaluation, deferExpression(text, input, variables, run.evaluate));
}

/** A value with the expressions in it replaced by what they give. */
export function* evaluateValue(evaluation: Evaluation, value: Json): Step<Json> {
  const { run, input, variables } = evaluation;
  if (!run.usesSecrets) return evaluateData(value, input, variables, run.evaluate);
  return yield* revealSecrets(evaluation, effectArguments(evaluation, value));
}

/** A value for an effect's input: expressions over `$secrets` travel unevaluated. */
export function effectArguments({ run, input, variables }: Evaluation, value: Json): Json {
  return deferSecrets(value, input, variables, run.evaluate);
}

/** A transformation: one expression, or a map with expressions in it. */
export function transform(evaluation: Evaluation, rule: Transformation): Step<Json> {
  return typeof rule === "string" ? evaluate(evaluation, rule) : evaluateValue(evaluation, rule);
}

/** Length of a duration, which may be an expression. */
export function durationMs({ run, input, variables }: Evaluation, duration: Duration): number {
  return evaluateDuration(duration, input, variables, run.evaluate);
}
