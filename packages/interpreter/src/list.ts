import type { TaskList } from "@stigmer/dsl";
import type { ListCursor } from "./cursor.ts";
import { standardFault } from "./fault.ts";
import { Directed, type Frame, type Outcome } from "./frame.ts";
import { hush, isTired, rest } from "./progress.ts";
import type { Step } from "./step.ts";
import { runTask } from "./task.ts";

/** A list of tasks to run. */
export interface RunListParams {
  readonly list: TaskList;
  /** Pointer of the list, such as `/do` or `/do/0/outer/try`. */
  readonly pointer: string;
  readonly cursor: ListCursor;
}

/** Runs a list of tasks from where its cursor stands. */
export type RunList = (frame: Frame, params: RunListParams) => Step<Outcome>;

/**
 * Runs tasks in order, from where the cursor stands, each with the output of the one before as input.
 *
 * @returns the last output; directed only with `end`, because `exit` and names stay inside the list
 */
export function* runList(frame: Frame, params: RunListParams): Step<Outcome> {
  const { pointer, cursor } = params;
  const { tasks, indexes } = frame.run.plan(params.list);
  for (let planned = tasks[cursor.index]; planned !== undefined; planned = tasks[cursor.index]) {
    const reference = pointer + planned.pointer;
    if (cursor.task === undefined && isTired(frame)) yield* rest(frame, reference);
    const outcome = yield* runTask(hush(frame, cursor), { planned, reference, raw: cursor.input, slot: cursor });
    if (!(outcome instanceof Directed)) {
      moveTo(cursor, cursor.index + 1, outcome);
    } else if (outcome.next === "end") {
      moveTo(cursor, tasks.length, outcome.output);
      return outcome;
    } else {
      if (outcome.next === "exit") cursor.left = true;
      moveTo(cursor, targetOf(outcome.next, { indexes, end: tasks.length, reference }), outcome.output);
    }
    frame.durable.snapshot(frame.run.offerState);
  }
  return cursor.input;
}

function moveTo(cursor: ListCursor, index: number, input: ListCursor["input"]): void {
  if (index <= cursor.index) cursor.loops = true;
  cursor.index = index;
  cursor.input = input;
  cursor.task = undefined;
}

function targetOf(
  next: string,
  list: { readonly indexes: ReadonlyMap<string, number>; readonly end: number; readonly reference: string },
): number {
  if (next === "exit") return list.end;
  const index = list.indexes.get(next);
  if (index !== undefined) return index;
  const known = [...list.indexes.keys()].join(", ");
  throw standardFault({
    error: "configuration",
    detail: `Cannot go on with task "${next}": the tasks beside this one are ${known}`,
    instance: list.reference,
  });
}
