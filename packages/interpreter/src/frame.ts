import type { Json, JsonObject, Task, TaskKind } from "@stigmer/dsl";
import type { Durable } from "@stigmer/durable";
import type { TaskCursor } from "./cursor.ts";
import type { Attempt } from "./idempotency.ts";
import type { KeptIterations } from "./kept-events.ts";
import type { Run } from "./run.ts";
import { type Step, settled } from "./step.ts";

/** Variables of expressions by name, without the dollar sign. */
export type Variables = Readonly<Record<string, Json>>;

/** Where a list of tasks runs. */
export interface Frame {
  readonly run: Run;
  /** The port of the innermost scope. */
  readonly durable: Durable;
  /** Loop items, indexes and caught errors in view. */
  readonly variables: Variables;
  /** True in the middle of a long loop, where only faults are reported. */
  readonly quiet: boolean;
  /** Where events of a quiet frame are kept for the case that its loop ends early. */
  readonly kept: KeptIterations | undefined;
  /** The innermost attempt that may be repeated. */
  readonly attempt: Attempt | undefined;
  /** In the tasks of an extension: `$task`, which is the task that they extend. */
  readonly extended: JsonObject | undefined;
}

/** Where one task runs. */
export interface TaskFrame extends Frame {
  readonly name: string;
  readonly task: Task;
  readonly kind: TaskKind;
  readonly reference: string;
  /** The input before `input.from`. */
  readonly raw: Json;
  /** The input after `input.from`; `.` and `$input` of the task's own expressions. */
  readonly input: Json;
  readonly cursor: TaskCursor;
  /** Set by calls that sign in: `$authorization` of the task's later expressions. */
  readonly authorization: { value: Json | undefined };
}

/** The result of a task or list that also says where the flow goes: `exit`, `end` or a name. */
export class Directed {
  readonly output: Json;
  readonly next: string;

  constructor(output: Json, next: string) {
    this.output = output;
    this.next = next;
  }
}

/** An output, with a direction where the flow does not simply continue. */
export type Outcome = Json | Directed;

/** A key of the journal for this run of the task; equal on replay, unique for ever. */
export function keyOf(frame: TaskFrame, suffix = ""): string {
  return `${frame.reference}#${frame.cursor.run}${suffix}`;
}

/** Waits for an answer of the world: the run has made progress. */
export function* answered<T>(frame: Frame, promise: Promise<T>): Step<T> {
  try {
    return yield* settled(promise);
  } finally {
    frame.run.state.steps = 0;
    frame.run.state.restedAt = 0;
  }
}
