import { isList, isObject, type Json, type JsonObject, property } from "../json.ts";
import { joinPointer } from "../text/pointers.ts";
import type { NamedListUse } from "./findings.ts";

/** A named thing of a list as it was written, valid or not. */
export interface NamedEntry {
  readonly name: string;
  readonly value: JsonObject;
  readonly pointer: string;
}

/** A place that says what comes next. */
export interface Directive {
  readonly target: string;
  readonly pointer: string;
}

/** Named entries of a list, in order; what is no map is left out. */
export function namedEntries({ list, pointer }: Pick<NamedListUse, "list" | "pointer">): readonly NamedEntry[] {
  return list.flatMap((item, index) =>
    Object.entries(isObject(item) ? item : {}).flatMap(([name, value]) =>
      isObject(value) ? [{ name, value, pointer: joinPointer(joinPointer(pointer, index), name) }] : [],
    ),
  );
}

/** Every directive of a task that decides what comes next in its own list. */
export function directivesOf(task: NamedEntry): readonly Directive[] {
  return [
    ...directive(task.value, task.pointer),
    ...casesOf(task).flatMap((entry) => directive(entry.value, entry.pointer)),
    ...directive(property(task.value, "catch"), joinPointer(task.pointer, "catch")),
  ];
}

/** Cases of a task that is a switch, else none. */
function casesOf({ value, pointer }: NamedEntry): readonly NamedEntry[] {
  const cases = property(value, "switch");
  return isList(cases) ? namedEntries({ list: cases, pointer: joinPointer(pointer, "switch") }) : [];
}

/**
 * Names or words that can come after a task: `continue`, `exit`, `end` or a task of its list.
 *
 * A skipped task (`if`) goes on with the next one, a switch without a matching case with its own `then`.
 */
export function nextOf(task: NamedEntry): readonly string[] {
  const targets: string[] = [];
  const cases = casesOf(task);
  const hasDefault = cases.some((entry) => !Object.hasOwn(entry.value, "when"));
  for (const entry of cases) targets.push(...directive(entry.value, "").map(({ target }) => target));
  const caught = directive(property(task.value, "catch"), "");
  targets.push(...caught.map(({ target }) => target));
  if (Object.hasOwn(task.value, "if")) targets.push("continue");
  const isDead = Object.hasOwn(task.value, "raise") || (cases.length > 0 && hasDefault);
  if (!isDead) targets.push(directive(task.value, "")[0]?.target ?? "continue");
  return targets;
}

function directive(value: Json | undefined, pointer: string): readonly Directive[] {
  const target = property(value, "then");
  return typeof target === "string" ? [{ target, pointer: joinPointer(pointer, "then") }] : [];
}
