import { isExpression } from "@stigmer/dsl";
import type { Subscription } from "../engine/execution-spec.ts";
import type { JsonValue } from "../resources/manifest.ts";
import { itemsOf, memberOf } from "../resources/references.ts";

/**
 * What an execution of this document listens to from its first moment on: every filter of every `listen`, by its
 * literal attributes. Expressions and `data` are looked at by the task itself.
 */
export function subscriptionsOf(document: JsonValue): readonly Subscription[] {
  const all = filtersIn(document).map(toSubscription);
  return [...new Map(all.map((one) => [JSON.stringify(one), one])).values()];
}

function filtersIn(value: JsonValue): readonly JsonValue[] {
  if (typeof value !== "object" || value === null) return [];
  if (Array.isArray(value)) return value.flatMap(filtersIn);
  const to = memberOf(memberOf(value, "listen"), "to");
  return [...(to === undefined ? [] : filtersOf(to)), ...Object.values(value).flatMap(filtersIn)];
}

/** `any: []` takes every event. */
function filtersOf(to: JsonValue): readonly JsonValue[] {
  const any = memberOf(to, "any");
  const until = memberOf(to, "until");
  const one = memberOf(to, "one");
  return [
    ...(Array.isArray(any) && any.length === 0 ? [{}] : itemsOf(any)),
    ...itemsOf(memberOf(to, "all")),
    ...(one === undefined ? [] : [one]),
    ...(typeof until === "object" && until !== null ? filtersOf(until) : []),
  ];
}

function toSubscription(filter: JsonValue): Subscription {
  const attributes: Record<string, string | number | boolean> = {};
  let type: string | undefined;
  const wanted = memberOf(filter, "with") ?? {};
  for (const [name, value] of Object.entries(typeof wanted === "object" && wanted !== null ? wanted : {})) {
    if (!isLiteral(value) || name === "data") continue;
    if (name === "type") type = String(value);
    else attributes[name] = value;
  }
  return { ...(type === undefined ? {} : { type }), attributes };
}

function isLiteral(value: JsonValue): value is string | number | boolean {
  if (typeof value === "string") return !isExpression(value);
  return typeof value === "number" || typeof value === "boolean";
}
