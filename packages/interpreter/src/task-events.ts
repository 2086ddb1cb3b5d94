import type { Json, JsonObject } from "@stigmer/dsl";
import type { TaskFrame } from "./frame.ts";
import { keepEvent, raiseVoice } from "./kept-events.ts";

/** What is said about tasks in the event log. */
export type TaskEventType =
  | "task.started"
  | "task.completed"
  | "task.faulted"
  | "task.cancelled"
  | "task.skipped"
  | "task.retried"
  | "task.waiting"
  | "task.correlated"
  | "task.iterations";

/** Reported even in the middle of long loops, as questions to people are: nobody could answer one that is not seen. */
const LOUD: ReadonlySet<TaskEventType> = new Set(["task.faulted", "task.retried", "task.cancelled"]);

/** What is needed to report about a task. */
export type ReportingFrame = Pick<TaskFrame, "durable" | "quiet" | "kept" | "name" | "reference" | "cursor">;

/** Writes a line about a task into the event log. */
export function reportTask(frame: ReportingFrame, type: TaskEventType, more?: JsonObject): void {
  const { durable, quiet, kept } = frame;
  const isLoud = LOUD.has(type) || more?.for === "decision";
  if (quiet && kept === undefined && !isLoud) return;
  const data: { [key: string]: Json } = { name: frame.name, reference: frame.reference, run: frame.cursor.run };
  const event = { type, data: more === undefined ? data : { ...data, ...more } };
  if (!quiet || kept === undefined) return durable.report(event);
  if (!isLoud && kept.at(-1)?.isLoud !== true) return keepEvent(kept, event, durable.now());
  for (const earlier of raiseVoice(kept)) durable.report(earlier);
  durable.report(event);
}
