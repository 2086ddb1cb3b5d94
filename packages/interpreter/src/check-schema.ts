import { describeSchemaProblems, type Json, type SchemaDefinition, validateSchema } from "@stigmer/dsl";
import { sourceOf } from "./connections.ts";
import type { Evaluation } from "./evaluation.ts";
import { standardFault } from "./fault.ts";
import { fetchResource } from "./fetch-resource.ts";
import type { Step } from "./step.ts";
import { notSupported } from "./unsupported.ts";

/** A value that must match a schema. */
export interface CheckedValue {
  readonly value: Json;
  /** How messages call it, such as "The task's input". */
  readonly what: string;
  /** Absent: the task that is running. */
  readonly instance?: string;
}

/**
 * Checks a value against a schema, inline or from a resource.
 *
 * @throws {Fault} validation error when it does not match
 */
export function* checkSchema(
  evaluation: Evaluation,
  schema: SchemaDefinition | undefined,
  { value, what, instance }: CheckedValue,
): Step<void> {
  if (schema === undefined) return;
  if (!/^json(:|$)/.test(schema.format ?? "json")) throw notSupported(`a schema of format ${schema.format}`);
  const problems = validateSchema(schema.document ?? (yield* fetchSchema(evaluation, schema)), value);
  if (problems.length === 0) return;
  throw standardFault({
    error: "validation",
    detail: `${what} does not match its schema: ${describeSchemaProblems(problems)}`,
    ...(instance === undefined ? {} : { instance }),
  });
}

function* fetchSchema(evaluation: Evaluation, { resource }: SchemaDefinition): Step<Json> {
  if (resource === undefined) return true;
  return yield* fetchResource(evaluation, { endpoint: sourceOf(evaluation, resource.endpoint), as: "data" });
}
