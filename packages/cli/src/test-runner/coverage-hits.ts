import { parentPointer, splitPointer, switchEntries, type WorkflowDocument } from "@stigmer/dsl";
import type { LogEvent } from "@stigmer/durable";
import { isMap } from "./match-json.ts";
import { type PlacedTask, tasksOf } from "./task-tree.ts";

/** Pointers of tasks and of branches (`<task> if true`, `<task> case NAME`, `<task> catch`) that runs came to. */
export type CoverageHits = Set<string>;

interface TaskEvent {
  readonly type: string;
  /** Pointer in the document. */
  readonly pointer: string;
}

/** Adds what the event log of one execution shows. */
export function addHits(hits: CoverageHits, document: WorkflowDocument, events: readonly LogEvent[]): void {
  const tasks = new Map(tasksOf(document).map((placed) => [placed.pointer, placed]));
  const seen = events.flatMap((event) => taskEvent(event, tasks));
  for (const [at, { type, pointer }] of seen.entries()) {
    const placed = tasks.get(pointer);
    if (placed === undefined) continue;
    if (type === "task.skipped") hits.add(`${pointer} if false`);
    if (type === "task.started") addStart(hits, placed);
    if (type === "task.completed") {
      for (const branch of casesTaken(placed, nextOutside(seen, at))) hits.add(branch);
    }
    const caught = caughtBy(pointer, tasks);
    if (caught !== undefined && type === "task.started") hits.add(`${caught} catch`);
    if (type === "task.retried") hits.add(`${pointer} catch`);
  }
  for (const pointer of quietlyCaught(seen, tasks)) hits.add(`${pointer} catch`);
}

function addStart(hits: CoverageHits, { pointer, task }: PlacedTask): void {
  hits.add(pointer);
  if (task.if !== undefined) hits.add(`${pointer} if true`);
}

/** The pointer of an event's task; what runs as `…/call` stands at its function. */
function taskEvent({ type, data }: LogEvent, tasks: ReadonlyMap<string, PlacedTask>): readonly TaskEvent[] {
  if (!type.startsWith("task.") || !isMap(data) || typeof data.reference !== "string") return [];
  return [{ type, pointer: inFunctions(data.reference, tasks) }];
}

function inFunctions(reference: string, tasks: ReadonlyMap<string, PlacedTask>): string {
  let pointer = reference;
  for (let at = pointer.indexOf("/call"); at > 0; at = pointer.indexOf("/call", at + 1)) {
    const rest = pointer.slice(at + "/call".length);
    const caller = tasks.get(pointer.slice(0, at))?.task;
    if ((rest !== "" && !rest.startsWith("/")) || caller === undefined || !("call" in caller)) continue;
    pointer = `/use/functions/${String(caller.call).replaceAll("~", "~0").replaceAll("/", "~1")}${rest}`;
    at = 0;
  }
  return pointer;
}

/** The cases of a switch that lead to where the flow went next; cases with the same target count together. */
function casesTaken({ pointer, task }: PlacedTask, next: TaskEvent | undefined): readonly string[] {
  if (!("switch" in task)) return [];
  const list = parentPointer(parentPointer(pointer));
  const isBeside = next !== undefined && parentPointer(parentPointer(next.pointer)) === list;
  const name = isBeside ? splitPointer(next.pointer).at(-1) : undefined;
  const followsOn = isBeside && indexOf(next.pointer) === indexOf(pointer) + 1;
  return switchEntries(task)
    .filter(({ case: { then } }) => {
      if (then === "continue") return followsOn || name === undefined;
      return then === "exit" || then === "end" ? name === undefined : then === name;
    })
    .map((entry) => `${pointer} case ${entry.name}`);
}

/** The first event after that of a task which is not about what is inside it. */
function nextOutside(seen: readonly TaskEvent[], at: number): TaskEvent | undefined {
  const pointer = seen[at]?.pointer ?? "";
  for (let index = at + 1; index < seen.length; index++) {
    if (seen[index]?.pointer.startsWith(`${pointer}/`) === false) return seen[index];
  }
  return undefined;
}

function indexOf(pointer: string): number {
  return Number(splitPointer(pointer).at(-2));
}

/** The `try` whose `catch.do` a task stands in. */
function caughtBy(pointer: string, tasks: ReadonlyMap<string, PlacedTask>): string | undefined {
  const at = pointer.lastIndexOf("/catch/do/");
  const owner = at < 0 ? undefined : pointer.slice(0, at);
  return owner !== undefined && tasks.has(owner) ? owner : undefined;
}

/** A `try` that ended well although a task in it faulted: it caught without doing anything more. */
function quietlyCaught(seen: readonly TaskEvent[], tasks: ReadonlyMap<string, PlacedTask>): readonly string[] {
  const faulted = seen.filter(({ type }) => type === "task.faulted").map(({ pointer }) => pointer);
  return seen
    .filter(({ type, pointer }) => {
      const task = tasks.get(pointer)?.task;
      if (type !== "task.completed" || task === undefined || !("try" in task)) return false;
      return faulted.some((inner) => inner.startsWith(`${pointer}/try/`));
    })
    .map(({ pointer }) => pointer);
}

/** Text of JSON that names a document in a table. */
export function documentName(document: WorkflowDocument): string {
  const { namespace, name, version } = document.document;
  return `${namespace}/${name}:${version}`;
}
