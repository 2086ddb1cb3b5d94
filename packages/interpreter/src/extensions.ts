import type { Extension, Json, TaskKind, WorkflowDocument } from "@stigmer/dsl";
import { type ExtensionCursor, startOfList } from "./cursor.ts";
import { holds } from "./data-flow.ts";
import { Directed, type Frame, type Outcome, type TaskFrame } from "./frame.ts";
import { escapePointer } from "./plan.ts";
import type { Step } from "./step.ts";
import { taskDescriptor } from "./variables.ts";

/** An extension of the document, with its place. */
export interface PlannedExtension {
  readonly extension: Extension;
  /** What it adds to the reference of the task that it extends. */
  readonly pointer: string;
}

/** The extensions of a document in the order in which they apply. */
export function planExtensions({ use }: WorkflowDocument): readonly PlannedExtension[] {
  return (use?.extensions ?? []).flatMap((item, index) =>
    Object.entries(item).map(([name, extension]) => ({
      extension,
      pointer: `/extensions/${index}/${escapePointer(name)}`,
    })),
  );
}

/** Tasks made of tasks that have no name of their own among the kinds of `extend`. */
const COMPOSITE: ReadonlySet<TaskKind> = new Set(["do", "fork"]);

/** True when some extension is about the task. Tasks of extensions are never extended themselves. */
export function isExtended(frame: TaskFrame): boolean {
  return frame.extended === undefined && frame.run.extensions.some(({ extension }) => isAbout(extension, frame.kind));
}

function isAbout({ extend }: Extension, kind: TaskKind): boolean {
  return extend === "all" || extend === kind || (extend === "composite" && COMPOSITE.has(kind));
}

/**
 * Runs `before` of every extension that applies, in the order of the document.
 *
 * @returns an outcome that stands for the task's work: the output of a list that was left with `exit`, or `end`;
 *   undefined when the task is to do its work
 */
export function* runBefore(frame: TaskFrame, cursor: ExtensionCursor): Step<Outcome | undefined> {
  yield* chooseApplied(frame, cursor);
  return yield* runLists(frame, cursor, { part: "before", input: frame.input });
}

/** Runs `after` of the extensions that applied, in the order of the document; what they give is dropped, but for `end`. */
export function* runAfter(frame: TaskFrame, cursor: ExtensionCursor, output: Json): Step<Directed | undefined> {
  const outcome = yield* runLists(frame, cursor, { part: "after", input: output });
  return outcome instanceof Directed ? outcome : undefined;
}

/** An extension applies to the whole task or not at all: its condition is asked once. */
function* chooseApplied(frame: TaskFrame, cursor: ExtensionCursor): Step<void> {
  if (cursor.applied !== undefined) return;
  const applied: number[] = [];
  for (const [index, { extension }] of frame.run.extensions.entries()) {
    if (!isAbout(extension, frame.kind)) continue;
    if (extension.when === undefined || (yield* holds(frame, extension.when))) applied.push(index);
  }
  cursor.applied = applied;
}

interface ExtensionLists {
  readonly part: "before" | "after";
  readonly input: Json;
}

function* runLists(
  frame: TaskFrame,
  cursor: ExtensionCursor,
  { part, input }: ExtensionLists,
): Step<Outcome | undefined> {
  const applied = cursor.applied ?? [];
  for (; cursor.at < applied.length; cursor.at += 1) {
    const planned = frame.run.extensions[applied[cursor.at] ?? -1];
    const list = planned?.extension[part];
    if (planned === undefined || list === undefined) continue;
    cursor.list ??= startOfList(input);
    const pointer = `${frame.reference}${planned.pointer}/${part}`;
    const outcome = yield* frame.run.runList(inside(frame, part, input), { list, pointer, cursor: cursor.list });
    const isLeft = cursor.list.left;
    if (outcome instanceof Directed) return outcome;
    if (isLeft && part === "before") return outcome;
    cursor.list = undefined;
  }
  return undefined;
}

/** The tasks of an extension see the extended task as `$task`. */
function inside(frame: TaskFrame, part: ExtensionLists["part"], output: Json): Frame {
  return { ...frame, extended: taskDescriptor(frame, part === "after" ? { raw: output } : {}) };
}
