import type { Json } from "@stigmer/durable";
import { InputReader } from "./read-input.ts";
import { type ResolveDeferredParams, resolveDeferred } from "./resolve-deferred.ts";

/** Does a `secrets` effect: evaluates an expression that reads `$secrets`; the host stores the result sealed. */
export async function evaluateWithSecrets(input: Json, params: ResolveDeferredParams): Promise<Json> {
  const reader = new InputReader("secrets", input);
  const deferred = {
    expression: reader.text("expression"),
    input: reader.value("input") ?? null,
    variables: reader.map("variables"),
  };
  return resolveDeferred({ $deferred: deferred }, params);
}
