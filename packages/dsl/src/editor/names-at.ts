import { isList, isObject, type Json, property } from "../json.ts";
import { type Declared, readDeclared } from "../validate/check-references.ts";
import type { Completion } from "./completion.ts";
import { isMark } from "./cursor-context.ts";
import type { Level } from "./shapes-at.ts";

type Name = Omit<Completion, "replaces">;

/** Fields whose text may name a component under `use`, by field and record. */
const COMPONENTS: readonly (readonly [field: string, record: RegExp, kind: keyof Declared])[] = [
  ["timeout", /./, "timeouts"],
  ["retry", /^catch$/, "retries"],
  ["error", /^raise$/, "errors"],
  ["use", /^authentication reference$/, "authentications"],
  ["use", /^secret reference$/, "secrets"],
  ["call", /./, "functions"],
];

const DIRECTIVES: readonly Name[] = [
  { label: "continue", kind: "value", doc: "Goes on with the next task." },
  { label: "exit", kind: "value", doc: "Leaves this list of tasks." },
  { label: "end", kind: "value", doc: "Ends the workflow." },
];

/** Names that the document itself gives: of tasks after `then`, of components under `use`. */
export function namesAt(root: Json, levels: readonly Level[]): readonly Name[] {
  const level = levels.at(-1);
  const field = level?.path.at(-1);
  if (level === undefined || field === undefined) return [];
  if (field === "then") return [...DIRECTIVES, ...tasksBeside(levels)];
  const document =
    isObject(property(root, "spec")) && property(root, "document") === undefined ? property(root, "spec") : root;
  const declared = readDeclared(document ?? null);
  const kinds = COMPONENTS.filter(
    ([name, record]) => name === field && level.fields.some((one) => record.test(one.record.name)),
  );
  return kinds.flatMap(([, , kind]) =>
    declared[kind].map((label) => ({ label, kind: "name" as const, doc: `Declared in use.${kind}.` })),
  );
}

/** The tasks of the innermost list that a jump may go to. */
function tasksBeside(levels: readonly Level[]): readonly Name[] {
  const list = levels.findLast(({ shapes, value }) => isList(value) && shapes.some(isTaskList));
  if (list === undefined || !isList(list.value)) return [];
  return list.value.flatMap((item) =>
    isObject(item)
      ? Object.keys(item)
          .filter((name) => !isMark(name))
          .map((label) => ({ label, kind: "task" as const, doc: "A task of this list." }))
      : [],
  );
}

function isTaskList(shape: Level["shapes"][number]): boolean {
  return shape.kind === "named-list" && shape.role === "sequence";
}
