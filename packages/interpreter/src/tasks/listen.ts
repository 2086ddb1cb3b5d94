import {
  type EventConsumptionStrategy,
  type EventFilter,
  isStrategyMet,
  type Json,
  type JsonObject,
  type ListenerScope,
  type ListenTask,
  NO_EVENTS,
  readEvent,
  takeEvent,
} from "@stigmer/dsl";
import type { ListenBody } from "../cursor.ts";
import { evaluateValue, holdsOn } from "../data-flow.ts";
import { answered, Directed, keyOf, type Outcome, type TaskFrame } from "../frame.ts";
import { beginItem, workOnItem } from "../iterate-items.ts";
import { isObject } from "../json.ts";
import type { Step } from "../step.ts";
import { reportTask } from "../task-events.ts";
import { taskVariables } from "../variables.ts";

/**
 * Waits for events, one after the other, until the strategy is met; the output is a list of what was read from them, or
 * of what `foreach` made of it. Events that came early, or while another one was worked on, have waited in the inbox.
 */
export function* runListen(frame: TaskFrame, task: ListenTask): Step<Outcome> {
  const body = yield* bodyOf(frame, task);
  for (;;) {
    if (body.item !== undefined) {
      const outcome = yield* workOnItem(frame, {
        iterator: task.foreach,
        index: body.outputs.length,
        item: body.item,
        pointer: `${frame.reference}/foreach/do`,
      });
      if (outcome instanceof Directed) return outcome;
      body.outputs.push(outcome);
      body.item = undefined;
      body.isOver = yield* isOver(frame, task, body);
    }
    if (body.isOver) break;
    yield* takeNext(frame, task, body);
  }
  const { keys } = body.progress;
  reportTask(frame, "task.correlated", Object.keys(keys).length === 0 ? {} : { keys });
  return [...body.outputs];
}

function* bodyOf(frame: TaskFrame, task: ListenTask): Step<ListenBody> {
  const { cursor } = frame;
  if (cursor.body?.kind === "listen") return cursor.body;
  yield* announce(frame, task.listen.to);
  const isMet = isStrategyMet(task.listen.to, NO_EVENTS);
  const body: ListenBody = {
    kind: "listen",
    taken: 0,
    outputs: [],
    progress: NO_EVENTS,
    item: undefined,
    seen: undefined,
    isOver: isMet,
  };
  cursor.body = body;
  return body;
}

/** Says once that the task waits, after a look whether the filters' own expressions can be evaluated at all. */
function* announce(frame: TaskFrame, strategy: EventConsumptionStrategy): Step<void> {
  for (const { with: attributes, correlate = {} } of filtersOf(strategy)) {
    const { data: _, ...own } = attributes;
    yield* evaluateValue(frame, own);
    for (const { expect } of Object.values(correlate)) if (expect !== undefined) yield* evaluateValue(frame, expect);
  }
  reportTask(frame, "task.waiting", { for: "events" });
}

function filtersOf({ all, any, one, until }: EventConsumptionStrategy): readonly EventFilter[] {
  const own = all ?? any ?? (one === undefined ? [] : [one]);
  return typeof until === "object" ? [...own, ...filtersOf(until)] : own;
}

/** Receives the next event and notes what it means, before anything else happens. */
function* takeNext(frame: TaskFrame, task: ListenTask, body: ListenBody): Step<void> {
  body.seen ??= seenBy(frame, task);
  const wanted = claimer(frame, task, body);
  const key = keyOf(frame, body.taken === 0 ? "" : `/event-${body.taken + 1}`);
  const match = ({ kind, data }: { readonly kind: string; readonly data: Json }) =>
    kind === "event" && wanted(data) !== undefined;
  const { data } = yield* answered(frame, frame.durable.receive({ key, match }));
  const taken = wanted(data);
  body.taken += 1;
  body.seen = undefined;
  if (taken === undefined) return;
  body.progress = taken.progress;
  if (taken.part === "until") body.isOver = isStrategyMet(task.listen.to, taken.progress);
  else body.item = beginItem(frame, readEvent(data, task.listen.read ?? "data"));
}

/** What the filters see is taken when the waiting begins: meanwhile other branches may change the context. */
function seenBy(frame: TaskFrame, task: ListenTask): JsonObject {
  return JSON.stringify(task.listen.to).includes("$context") ? { context: frame.run.state.context } : {};
}

function claimer(frame: TaskFrame, task: ListenTask, { progress, seen }: ListenBody) {
  const scope: ListenerScope = {
    ...frame.run.evaluate,
    input: frame.input,
    variables: { ...taskVariables(frame, "definition"), ...seen },
  };
  return (event: Json) => (isObject(event) ? takeEvent(task.listen.to, event, progress, scope) : undefined);
}

function* isOver(frame: TaskFrame, { listen }: ListenTask, body: ListenBody): Step<boolean> {
  const { until } = listen.to;
  return typeof until === "string"
    ? yield* holdsOn(frame, body.outputs, until)
    : isStrategyMet(listen.to, body.progress);
}
