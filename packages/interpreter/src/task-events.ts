import type { Json, JsonObject } from "@stigmer/dsl";
import type { TaskFrame } from "./frame.ts";

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

/** Reported even in the middle of long loops. */
const LOUD: ReadonlySet<TaskEventType> = new Set(["task.faulted", "task.retried", "task.cancelled"]);

/** What is needed to report about a task. */
export type ReportingFrame = Pick<TaskFrame, "durable" | "quiet" | "name" | "reference" | "cursor">;

/** Writes a line about a task into the event log. */
export function reportTask(frame: ReportingFrame, type: TaskEventType, more?: JsonObject): void {
  if (frame.quiet && !LOUD.has(type)) return;
  const data: { [key: string]: Json } = { name: frame.name, reference: frame.reference, run: frame.cursor.run };
  frame.durable.report({ type, data: more === undefined ? data : { ...data, ...more } });
}
