import type { Json } from "@stigmer/durable";
import { compileJq, JqError, JqLimitError } from "@stigmer/jq";
import { failure } from "./fail.ts";
import type { JsonObject } from "./read-input.ts";

/**
 * First output of a runtime expression (without `${ }`); null when it has none.
 *
 * @param variables by name without `$`
 * @throws {DurableFailure} `expression` when it cannot be compiled, fails, or uses up its budget
 */
export function evaluateExpression(expression: string, input: Json, variables: JsonObject): Json {
  const compiled = compileJq(expression, { profile: "workflow", variables: Object.keys(variables) });
  if (!compiled.ok) throw broken(expression, compiled.diagnostics[0]?.message ?? "it is no expression");
  try {
    return compiled.filter.first(input, { variables, now: () => Date.now() / 1000 }) ?? null;
  } catch (error) {
    // The message of jq's error shows values, which the caller redacts.
    if (error instanceof JqError || error instanceof JqLimitError) throw broken(expression, error.message);
    throw error;
  }
}

function broken(expression: string, why: string) {
  return failure("expression", { detail: `Cannot evaluate "${expression}": ${why}`, retryable: false });
}
