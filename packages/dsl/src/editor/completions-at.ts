import type { Field, Shape } from "../grammar/shape.ts";
import { isObject, type Json } from "../json.ts";
import type { Position } from "../text/diagnostic.ts";
import type { Completion } from "./completion.ts";
import { type CursorContext, cursorContext, isMark } from "./cursor-context.ts";
import type { EditedKind } from "./document-grammar.ts";
import { expressionCompletions } from "./expression-completions.ts";
import { namesAt } from "./names-at.ts";
import { type Leaf, type Level, leavesOf, levelsTo, selectorsOf, textsOf } from "./shapes-at.ts";

/**
 * What can be written at a place of a document, half written as it is: fields, values, names of tasks and of what `use`
 * declares, and variables and functions in expressions.
 *
 * @param tasks of a test file: names of the tasks that it tests
 */
export function completionsAt(
  text: string,
  position: Position,
  kind: EditedKind,
  tasks: readonly string[] = [],
): readonly Completion[] {
  const context = cursorContext(text, position);
  if (context === undefined) return [];
  const levels = levelsTo(context.root, context.path, kind);
  const level = levels.at(-1);
  if (level === undefined) return [];
  if (kind === "test" && namesTask(context)) {
    const replaces = context.prefix.length;
    return tasks.map((label) => ({ label, kind: "task", doc: "A task of the workflow.", replaces }));
  }
  if (context.on === "value") return valueCompletions(context, levels, level);
  const leaves = leavesOf(level.shapes, level.value);
  const texts = textsOf(leaves);
  const isItem = texts.length > 0 && !context.hasColon && isOnlyMark(level.value);
  return [...fieldCompletions(context, level, leaves), ...(isItem ? valueCompletions(context, levels, level) : [])];
}

/** Whether a test file names a task here: in a selector, an order or as a key of statuses. */
function namesTask({ on, path }: CursorContext): boolean {
  if (on === "value") return path.at(-1) === "task";
  return path.at(-1) === "statuses" || path.at(-2) === "order" || path.at(-1) === "order";
}

function isOnlyMark(value: Json | undefined): boolean {
  return isObject(value) && Object.keys(value).length === 1;
}

function fieldCompletions(context: CursorContext, { value }: Level, leaves: readonly Leaf[]): readonly Completion[] {
  const present = isObject(value) ? Object.keys(value).filter((name) => !isMark(name)) : [];
  const found = new Map<string, Field>();
  for (const leaf of leaves) {
    if (leaf.kind !== "record") continue;
    for (const field of leaf.fields) {
      const known = found.get(field.name);
      if (!present.includes(field.name) && (known === undefined || field.isRequired)) found.set(field.name, field);
    }
  }
  return [...found.values()].map((field) => ({
    label: field.name,
    kind: "field" as const,
    doc: `${field.doc}${field.isRequired && leaves.length === 1 ? " Required." : ""}`,
    insert: context.hasColon ? field.name : `${field.name}:${isContainer(field.shape) ? "" : " "}`,
    replaces: context.prefix.length,
  }));
}

function isContainer(shape: Shape): boolean {
  const leaves = leavesOf([shape], undefined);
  return leaves.every(({ kind }) => ["record", "map", "list", "named-list"].includes(kind));
}

function valueCompletions(context: CursorContext, levels: readonly Level[], level: Level): readonly Completion[] {
  const leaves = leavesOf(level.shapes, undefined);
  const texts = textsOf(leaves);
  const isBare = texts.some(({ expression }) => expression === "always");
  const inExpression = expressionCompletions(context.prefix, { scope: level.scope, root: context.root, isBare });
  if (inExpression !== undefined) return inExpression;
  const replaces = context.prefix.length;
  const doc = level.fields[0]?.field.doc;
  const words = [
    ...texts.flatMap(({ values = [] }) => values),
    ...(leaves.some((leaf) => leaf.kind === "boolean") ? ["true", "false"] : []),
    ...selectorsOf(levels.at(-2) ?? level, level.path.at(-1) ?? ""),
  ];
  const values = [...new Set(words)].map((label) => ({ label, kind: "value" as const, replaces }));
  const named = namesAt(context.root, levels).map((one) => ({ ...one, replaces }));
  return [...values.map((one) => (doc === undefined ? one : { ...one, doc })), ...named];
}
