import type { Binding, Place } from "../grammar/shape.ts";
import { isObject, type Json, property } from "../json.ts";
import type { Scope } from "./findings.ts";

/** The specification's variables, without `$`. */
export const STANDARD_VARIABLES: readonly string[] = [
  "context",
  "input",
  "output",
  "secrets",
  "authorization",
  "task",
  "workflow",
  "runtime",
];

const EVERYWHERE = ["secrets", "workflow", "runtime"];
const DURING_TASK = [...EVERYWHERE, "context", "task", "input", "authorization"];

/**
 * Variables by place.
 *
 * @see DSL 1.0.3, "Runtime expression arguments", the table at its end
 */
const STANDARD_BY_PLACE: Readonly<Record<Place, readonly string[]>> = {
  "workflow-input": EVERYWHERE,
  "task-input": [...EVERYWHERE, "context", "task"],
  task: DURING_TASK,
  "task-output": DURING_TASK,
  "task-export": [...DURING_TASK, "output"],
  "workflow-output": [...EVERYWHERE, "context"],
  reusable: STANDARD_VARIABLES,
  nowhere: [],
};

/** Scope of the root of a document. */
export const ROOT_SCOPE: Scope = { standard: EVERYWHERE, local: [], isOpen: false, isEffect: false };

/** Scope of a part that stands at another place; local variables stay, and what is open stays open. */
export function moveScope(scope: Scope, place: Place | undefined): Scope {
  if (place === undefined) return scope;
  return { ...scope, standard: STANDARD_BY_PLACE[place], isOpen: scope.isOpen || place === "reusable" };
}

/** Local variables that a record brings into one of its fields. */
export function boundVariables(value: Json, bindings: readonly Binding[], field: string): readonly string[] {
  return bindings.filter((binding) => binding.within.includes(field)).map((binding) => nameOf(value, binding));
}

function nameOf(value: Json, { from, fallback }: Binding): string {
  let at: Json | undefined = value;
  for (const key of from) at = isObject(at) ? property(at, key) : undefined;
  return typeof at === "string" ? at : fallback;
}
