import { type EventFilter, type EventReadMode, type Json, type ListenTask, matchesEventFilter } from "@stigmer/dsl";
import type { InboxItem } from "@stigmer/durable";
import { toJsonText } from "@stigmer/jq";
import { evaluateValue } from "../data-flow.ts";
import { answered, keyOf, type Outcome, type TaskFrame } from "../frame.ts";
import { isObject, property } from "../json.ts";
import { remember } from "../remember.ts";
import type { Step } from "../step.ts";
import { reportTask } from "../task-events.ts";
import { notSupported } from "../unsupported.ts";
import { taskVariables } from "../variables.ts";

/** Waits for one event; the output is a list with what was read from it. */
export function* runListen(frame: TaskFrame, task: ListenTask): Step<Outcome> {
  const filter = filterOf(task);
  yield* remember(frame, () => announce(frame, filter));
  const item = yield* answered(frame, frame.durable.receive({ key: keyOf(frame), match: matcher(frame, filter) }));
  return [readEvent(item.data, task.listen.read ?? "data")];
}

function filterOf(task: ListenTask): EventFilter {
  const { one } = task.listen.to;
  if (one === undefined) throw notSupported("listen to all or any");
  if (one.correlate !== undefined) throw notSupported("listen with correlation");
  if (task.foreach !== undefined) throw notSupported("listen with foreach");
  return one;
}

/** Says once that the task waits, after a look whether the filter's own expressions can be evaluated at all. */
function* announce(frame: TaskFrame, filter: EventFilter): Step<Json> {
  const { data: _, ...attributes } = filter.with;
  yield* evaluateValue(frame, attributes);
  reportTask(frame, "task.waiting");
  return true;
}

/** What the filter sees is taken now: while the task waits, other branches may change the context. */
function matcher(frame: TaskFrame, filter: EventFilter): (item: InboxItem) => boolean {
  const scope = { ...frame.run.evaluate, input: frame.input, variables: taskVariables(frame, "definition") };
  return ({ kind, data }) => kind === "event" && isObject(data) && matchesEventFilter(filter, data, scope);
}

function readEvent(event: Json, mode: EventReadMode): Json {
  if (mode === "envelope") return event;
  const data = property(event, "data") ?? null;
  if (mode === "data") return data;
  const binary = property(event, "data_base64");
  if (typeof binary === "string") return binary;
  return typeof data === "string" ? data : toJsonText(data);
}
