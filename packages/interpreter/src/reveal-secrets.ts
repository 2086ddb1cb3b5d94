import { type DeferredExpression, type Json, standardErrorName } from "@stigmer/dsl";
import { DurableFailure } from "@stigmer/durable";
import type { Evaluation } from "./evaluation.ts";
import { standardFault } from "./fault.ts";
import { isList, isObject, property } from "./json.ts";
import { nextRun } from "./run.ts";
import { type Step, settled } from "./step.ts";

/**
 * Replaces the deferred expressions of a value by what they give: each is an effect of its own, whose result the host
 * keeps sealed.
 *
 * @throws {Fault} authorization error with `strictSecrets`, where secrets must stay inside the arguments of effects
 */
export function* revealSecrets(evaluation: Evaluation, value: Json): Step<Json> {
  if (isList(value)) {
    const items: Json[] = [];
    for (const item of value) items.push(yield* revealSecrets(evaluation, item));
    return items;
  }
  if (!isObject(value)) return value;
  if (isLone(value, "$literal")) return property(value, "$literal") ?? null;
  const deferred = isLone(value, "$deferred") ? property(value, "$deferred") : undefined;
  if (isDeferred(deferred)) return yield* reveal(evaluation, deferred);
  const members: [string, Json][] = [];
  for (const [name, member] of Object.entries(value)) members.push([name, yield* revealSecrets(evaluation, member)]);
  return Object.fromEntries(members);
}

function isLone(value: { readonly [key: string]: Json }, key: string): boolean {
  return Object.hasOwn(value, key) && Object.keys(value).length === 1;
}

function isDeferred(node: Json | undefined): node is DeferredExpression {
  return typeof property(node, "expression") === "string" && isObject(property(node, "variables"));
}

function* reveal({ run, durable, pointer }: Evaluation, deferred: DeferredExpression): Step<Json> {
  if (run.strictSecrets) {
    const detail = `Cannot evaluate "${deferred.expression}": strict secrets stay inside the arguments of effects`;
    throw standardFault({ error: "authorization", detail });
  }
  const place = `${pointer}/secrets`;
  const { otherwise, ...input } = deferred;
  const call = { key: `${place}#${nextRun(run.state, place)}`, kind: "secrets", input, crash: "safe" } as const;
  try {
    return yield* settled(durable.effect(call));
  } catch (error) {
    if (otherwise !== undefined && isExpressionFailure(error)) return otherwise;
    throw error;
  }
}

function isExpressionFailure(error: unknown): boolean {
  return error instanceof DurableFailure && standardErrorName(error.failure.type) === "expression";
}
