import { didYouMean } from "../text/suggest-name.ts";
import type { Finding, NamedListUse } from "./findings.ts";
import { directivesOf, type NamedEntry, namedEntries, nextOf } from "./task-flow.ts";

const DIRECTIVES: readonly string[] = ["continue", "exit", "end"];

/** Checks the lists of tasks: targets of `then`, names, cases, tasks that nothing leads to. */
export function checkFlow(lists: readonly NamedListUse[]): readonly Finding[] {
  return lists.flatMap(checkList);
}

function checkList(use: NamedListUse): readonly Finding[] {
  const entries = namedEntries(use);
  switch (use.shape.role) {
    case "sequence":
      return [...checkTargets(entries, entries), ...checkNames(entries, "task"), ...findUnreachable(entries)];
    case "branches":
      return [...checkTargets(entries, []), ...checkNames(entries, "task")];
    case "cases":
      return [...checkCases(entries), ...checkNames(entries, "case")];
    case "extensions":
      return checkNames(entries, "extension");
  }
}

function checkTargets(entries: readonly NamedEntry[], reachable: readonly NamedEntry[]): readonly Finding[] {
  const names = reachable.map((entry) => entry.name);
  return entries.flatMap(directivesOf).flatMap(({ target, pointer }) => {
    if (DIRECTIVES.includes(target) || names.includes(target)) return [];
    return [
      {
        code: "unknown-task",
        severity: "error" as const,
        pointer,
        at: "value" as const,
        message: `There is no task "${target}" in the same list`,
        suggestion:
          didYouMean(target, [...names, ...DIRECTIVES]) ??
          `Allowed are ${[...DIRECTIVES, ...names].slice(0, 12).join(", ")}.`,
      },
    ];
  });
}

function checkNames(entries: readonly NamedEntry[], noun: string): readonly Finding[] {
  const known = new Set<string>();
  return entries.flatMap(({ name, pointer }) => {
    const isDuplicate = known.has(name);
    known.add(name);
    if (isDuplicate) {
      return [
        warning(
          `duplicate-${noun}`,
          pointer,
          `Another ${noun} of this list is called "${name}"; the first one is the target of "then"`,
        ),
      ];
    }
    if (noun !== "task" || !DIRECTIVES.includes(name)) return [];
    return [warning("reserved-name", pointer, `A task called "${name}" cannot be the target of "then"`)];
  });
}

function checkCases(entries: readonly NamedEntry[]): readonly Finding[] {
  const defaults = entries.filter(({ value }) => !Object.hasOwn(value, "when"));
  const [first, ...others] = defaults;
  const findings: Finding[] = others.map(({ name, pointer }) => ({
    code: "several-default-cases",
    severity: "error",
    pointer,
    at: "key",
    message: `Case "${name}" has no "when", but "${first?.name}" is the default case already`,
    suggestion: 'Add "when", or remove one of the two.',
  }));
  if (first !== undefined && others.length === 0 && first !== entries.at(-1)) {
    findings.push(
      warning(
        "default-case-not-last",
        first.pointer,
        `Default case "${first.name}" counts only after the cases below it`,
      ),
    );
  }
  return findings;
}

/** A target that does not exist counts as `continue`: it has a problem of its own. */
function findUnreachable(entries: readonly NamedEntry[]): readonly Finding[] {
  const indexOf = new Map<string, number>();
  for (const [index, { name }] of entries.entries()) if (!indexOf.has(name)) indexOf.set(name, index);
  const reached = new Set<number>();
  const open = entries.length > 0 ? [0] : [];
  for (let index = open.pop(); index !== undefined; index = open.pop()) {
    const entry = entries[index];
    if (entry === undefined || reached.has(index)) continue;
    reached.add(index);
    for (const target of nextOf(entry)) {
      if (target === "exit" || target === "end") continue;
      open.push(target === "continue" ? index + 1 : (indexOf.get(target) ?? index + 1));
    }
  }
  return entries.flatMap(({ name, pointer }, index) =>
    reached.has(index) ? [] : [warning("unreachable-task", pointer, `Nothing leads to task "${name}"`)],
  );
}

function warning(code: string, pointer: string, message: string): Finding {
  return { code, severity: "warning", pointer, at: "key", message };
}
