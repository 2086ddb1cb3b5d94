import type { ForTask, Json } from "@stigmer/dsl";
import { type ForBody, type ListCursor, startOfList } from "../cursor.ts";
import { evaluate, evaluateValue, holds } from "../data-flow.ts";
import { standardFault } from "../fault.ts";
import { Directed, type Outcome, type TaskFrame } from "../frame.ts";
import { isList } from "../json.ts";
import { keepIteration, takeKept } from "../kept-events.ts";
import { runList } from "../list.ts";
import { countStep } from "../progress.ts";
import type { Step } from "../step.ts";
import { reportTask } from "../task-events.ts";

/** Iterations at the start and at the end of a loop whose task events are kept. */
const LOUD_ITERATIONS = 100;

/**
 * Repeats a list for each item; the output of one iteration is the input of the next, the last one's is the task's.
 *
 * `exit` ends one iteration, `end` the workflow. A collection without items gives the input.
 */
export function* runFor(frame: TaskFrame, task: ForTask): Step<Outcome> {
  const body = yield* bodyOf(frame, task);
  try {
    return yield* iterate(frame, task, body);
  } finally {
    tellKept(frame, body);
  }
}

/** The loop ended in its quiet middle: tells its newest iterations. */
function tellKept(frame: TaskFrame, body: ForBody): void {
  reportSilence(frame, body.dropped);
  for (const event of takeKept(body.kept)) frame.durable.report(event);
}

function* iterate(frame: TaskFrame, task: ForTask, body: ForBody): Step<Outcome> {
  for (; body.index < body.items.length; body.index += 1) {
    if (body.list === undefined) beginIteration(frame, body);
    const iteration = iterationFrame(frame, task, body);
    if (body.list === undefined && task.while !== undefined && !(yield* holds(iteration, task.while))) break;
    body.list ??= startIteration(frame, body);
    const outcome = yield* runList(iteration, { list: task.do, pointer: `${frame.reference}/do`, cursor: body.list });
    if (outcome instanceof Directed) return outcome;
    body.input = outcome;
    body.list = undefined;
  }
  return body.input;
}

function* bodyOf(frame: TaskFrame, task: ForTask): Step<ForBody> {
  const { cursor } = frame;
  if (cursor.body?.kind === "for") return cursor.body;
  const items = yield* itemsOf(frame, task);
  const body: ForBody = { kind: "for", items, index: 0, input: frame.input, list: undefined, kept: [], dropped: 0 };
  cursor.body = body;
  return body;
}

function* itemsOf(frame: TaskFrame, task: ForTask): Step<readonly Json[]> {
  const source = task.for.in;
  const items = typeof source === "string" ? yield* evaluate(frame, source) : yield* evaluateValue(frame, source);
  if (isList(items)) return items;
  throw standardFault({
    error: "expression",
    detail: `Cannot loop over for.in: it gave ${items === null ? "null" : `a value of type ${typeof items}`}, not a list`,
  });
}

function iterationFrame(frame: TaskFrame, task: ForTask, body: ForBody): TaskFrame {
  const { each = "item", at = "index" } = task.for;
  return {
    ...frame,
    input: body.input,
    quiet: frame.quiet || isSilent(frame, body),
    kept: frame.quiet ? frame.kept : body.kept,
    variables: { ...frame.variables, [each]: body.items[body.index] ?? null, [at]: body.index },
  };
}

function isSilent(frame: TaskFrame, body: ForBody): boolean {
  const { index, items } = body;
  return !frame.run.allEvents && index >= LOUD_ITERATIONS && index < items.length - LOUD_ITERATIONS;
}

function beginIteration(frame: TaskFrame, body: ForBody): void {
  countStep(frame, frame.reference);
  const firstOfLast = body.items.length - LOUD_ITERATIONS;
  if (frame.run.allEvents || body.index !== firstOfLast || firstOfLast <= LOUD_ITERATIONS) return;
  reportSilence(frame, firstOfLast - LOUD_ITERATIONS);
  body.dropped = 0;
  takeKept(body.kept);
}

function startIteration(frame: TaskFrame, body: ForBody): ListCursor {
  if (!frame.quiet && isSilent(frame, body)) body.dropped += keepIteration(body.kept);
  return startOfList(body.input);
}

function reportSilence(frame: TaskFrame, count: number): void {
  if (count > 0) reportTask(frame, "task.iterations", { count });
}
