import type { Task, TaskKind } from "@stigmer/dsl";
import type { Outcome, TaskFrame } from "./frame.ts";
import type { Step } from "./step.ts";

/** Does the work of one kind of task: from transformed input to raw output. */
export type TaskWork<T extends Task = Task> = (frame: TaskFrame, task: T) => Step<Outcome>;

/** The work of every kind of task. */
export type TaskTable = Readonly<Record<TaskKind, TaskWork>>;
