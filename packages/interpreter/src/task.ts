import type { Json } from "@stigmer/dsl";
import { CancelledError } from "@stigmer/durable";
import { checkSchema } from "./check-schema.ts";
import type { ExtensionCursor, TaskCursor } from "./cursor.ts";
import { holds, inDefinition, transformIn } from "./data-flow.ts";
import { isExtended, runAfter, runBefore } from "./extensions.ts";
import { faultOf, problemJson } from "./fault.ts";
import { Directed, type Frame, type Outcome, type TaskFrame } from "./frame.ts";
import { idempotencyScope } from "./idempotency.ts";
import type { PlannedTask } from "./plan.ts";
import { countStep } from "./progress.ts";
import { nextRun } from "./run.ts";
import type { Step } from "./step.ts";
import { reportTask } from "./task-events.ts";
import { finishedOf, outcomeOf, runWithTimeout } from "./timeout.ts";

/** A task to run, or to go on with. */
export interface RunTaskParams {
  readonly planned: PlannedTask;
  readonly reference: string;
  /** The input before `input.from`. */
  readonly raw: Json;
  /** Where the task's cursor is kept while it runs. */
  readonly slot: { task: TaskCursor | undefined };
}

/**
 * Runs a task through all its steps: `if`, input, the work, output, export.
 *
 * @returns the transformed output, directed when the flow does not simply continue; the raw input when skipped
 * @throws {Fault} with the reference of the task that raised it
 */
export function* runTask(frame: Frame, params: RunTaskParams): Step<Outcome> {
  params.slot.task ??= beginTask(frame, params.reference);
  const task = taskFrame(frame, params, params.slot.task);
  try {
    if (!task.cursor.entered && !(yield* enter(task))) return params.raw;
    const outcome = isExtended(task) ? yield* runExtended(task) : yield* runAlone(task);
    reportTask(task, "task.completed", { output: outcome instanceof Directed ? outcome.output : outcome });
    return outcome;
  } catch (error) {
    throw reported(task, error);
  }
}

function beginTask(frame: Frame, reference: string): TaskCursor {
  countStep(frame, reference);
  return {
    run: nextRun(frame.run.state, reference),
    scope: idempotencyScope(frame, reference),
    startedAtMs: frame.durable.now(),
    entered: false,
    input: undefined,
    deadlineAtMs: undefined,
    finished: undefined,
    body: undefined,
    extension: undefined,
  };
}

function taskFrame(frame: Frame, params: RunTaskParams, cursor: TaskCursor): TaskFrame {
  return {
    run: frame.run,
    durable: frame.durable,
    variables: frame.variables,
    quiet: frame.quiet,
    kept: frame.kept,
    attempt: frame.attempt,
    extended: frame.extended,
    name: params.planned.name,
    task: params.planned.task,
    kind: params.planned.kind,
    reference: params.reference,
    raw: params.raw,
    input: params.raw,
    cursor,
    authorization: { value: undefined },
  };
}

/** `if`, then the input; false when the task is skipped. A skipped task never takes its own `then`. */
function* enter(frame: TaskFrame): Step<boolean> {
  const { task, cursor } = frame;
  if (task.if !== undefined && !(yield* holds(frame, task.if, "if"))) {
    reportTask(frame, "task.skipped");
    return false;
  }
  reportTask(frame, "task.started");
  if (task.input !== undefined) {
    yield* checkSchema(inDefinition(frame), task.input.schema, { value: frame.raw, what: "The task's input" });
    if (task.input.from !== undefined)
      cursor.input = yield* transformIn(frame, { place: "input", rule: task.input.from });
  }
  cursor.entered = true;
  return true;
}

function withInput(frame: TaskFrame): TaskFrame {
  return frame.cursor.input === undefined ? frame : { ...frame, input: frame.cursor.input };
}

function* runAlone(task: TaskFrame): Step<Outcome> {
  return yield* leave(task, yield* runWithTimeout(withInput(task)));
}

/** The task between the tasks of the extensions that apply to it. */
function* runExtended(task: TaskFrame): Step<Outcome> {
  task.cursor.extension ??= startOfExtensions();
  const cursor = task.cursor.extension;
  if (cursor.phase === "before") {
    const instead = yield* runBefore(withInput(task), cursor);
    if (instead instanceof Directed) return instead;
    enterPhase(cursor, "work");
    if (instead !== undefined) cursor.instead = finishedOf(instead);
  }
  if (cursor.phase === "work") {
    const outcome = cursor.instead === undefined ? yield* runWithTimeout(withInput(task)) : outcomeOf(cursor.instead);
    cursor.done = finishedOf(yield* leave(task, outcome));
    enterPhase(cursor, "after");
  }
  const done = cursor.done ?? { output: null };
  return (yield* runAfter(task, cursor, done.output)) ?? outcomeOf(done);
}

function startOfExtensions(): ExtensionCursor {
  return { phase: "before", applied: undefined, at: 0, list: undefined, instead: undefined, done: undefined };
}

function enterPhase(cursor: ExtensionCursor, phase: ExtensionCursor["phase"]): void {
  cursor.phase = phase;
  cursor.at = 0;
  cursor.list = undefined;
}

/** `output.as`, its schema, `export.as`, its schema, `then`. */
function* leave(frame: TaskFrame, outcome: Outcome): Step<Outcome> {
  const { task } = frame;
  const raw = outcome instanceof Directed ? outcome.output : outcome;
  const output = task.output === undefined ? raw : yield* shapeOutput(withInput(frame), raw);
  if (task.export !== undefined) yield* updateContext(withInput(frame), raw, output);
  const next = outcome instanceof Directed ? outcome.next : task.then;
  return next === undefined || next === "continue" ? output : new Directed(output, next);
}

function* shapeOutput(frame: TaskFrame, raw: Json): Step<Json> {
  const as = frame.task.output?.as;
  const output = as === undefined ? raw : yield* transformIn(frame, { place: "output", rule: as, results: { raw } });
  yield* checkSchema(inDefinition(frame), frame.task.output?.schema, { value: output, what: "The task's output" });
  return output;
}

function* updateContext(frame: TaskFrame, raw: Json, output: Json): Step<void> {
  const { export: rule } = frame.task;
  if (rule?.as === undefined) return;
  const context = yield* transformIn(frame, { place: "export", rule: rule.as, results: { raw, output } });
  yield* checkSchema(inDefinition(frame), rule.schema, { value: context, what: "The context that the task exports" });
  frame.run.state.context = context;
}

function reported(frame: TaskFrame, error: unknown): unknown {
  if (error instanceof CancelledError) {
    reportTask(frame, "task.cancelled");
    return error;
  }
  const fault = faultOf(error, frame.reference);
  if (fault === undefined) return error;
  reportTask(frame, "task.faulted", { error: problemJson(fault.problem) });
  return fault;
}
