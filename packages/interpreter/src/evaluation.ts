import {
  type Duration,
  deferExpression,
  deferSecrets,
  describeSchemaProblems,
  evaluateData,
  evaluateDuration,
  evaluateExpression,
  type Json,
  type SchemaDefinition,
  type Transformation,
  validateSchema,
} from "@stigmer/dsl";
import type { Durable } from "@stigmer/durable";
import { standardFault } from "./fault.ts";
import type { Variables } from "./frame.ts";
import { revealSecrets } from "./reveal-secrets.ts";
import type { Run } from "./run.ts";
import type { Step } from "./step.ts";
import { notSupported } from "./unsupported.ts";

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

/** A value that must match a schema. */
export interface CheckedValue {
  readonly value: Json;
  /** How messages call it, such as "The task's input". */
  readonly what: string;
  /** Absent: the task that is running. */
  readonly instance?: string;
}

/**
 * Checks a value against an inline schema.
 *
 * @throws {Fault} validation error when it does not match
 */
export function checkSchema(schema: SchemaDefinition | undefined, checked: CheckedValue): void {
  if (schema === undefined) return;
  if (schema.document === undefined) throw notSupported("a schema from a resource");
  if (!/^json(:|$)/.test(schema.format ?? "json")) throw notSupported(`a schema of format ${schema.format}`);
  const problems = validateSchema(schema.document, checked.value);
  if (problems.length === 0) return;
  throw standardFault({
    error: "validation",
    detail: `${checked.what} does not match its schema: ${describeSchemaProblems(problems)}`,
    ...(checked.instance === undefined ? {} : { instance: checked.instance }),
  });
}
