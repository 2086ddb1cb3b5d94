import type { DecisionRequest, Json, JsonObject, StrategyProgress } from "@stigmer/dsl";
import type { KeptIterations } from "./kept-events.ts";

/**
 * Where a run of a workflow stands, as plain data. Cursors are written in place before every wait, so that a copy taken
 * at any quiet moment is enough to go on. Values inside are never changed.
 */
export interface RunState {
  readonly v: 1;
  /** True once the workflow's input is validated and transformed. */
  entered: boolean;
  /** The value of `$context`. */
  context: Json;
  /** How often each task began, by reference; numbers keys and events. */
  readonly runs: Map<string, number>;
  /** Documents that the run has read, by what was asked for. */
  readonly resources: Map<string, Json>;
  /** Tasks and iterations since the world last answered. */
  steps: number;
  /** Value of `steps` when the run last let the host breathe. */
  restedAt: number;
  /** Epoch ms at which the workflow's own timeout ends it. */
  deadlineAtMs?: number;
  /** The workflow's `do`. */
  list: ListCursor;
}

/** A list of tasks: the index of the task that runs or comes next, and that task's raw input. */
export interface ListCursor {
  index: number;
  input: Json;
  task: TaskCursor | undefined;
  /** True once a task of the list jumped back: the list is a loop. */
  loops: boolean;
  /** True once it was said that events of a busy loop are left out. */
  hushed: boolean;
  /** True once a task left the list with `exit`. */
  left: boolean;
}

/** One run of one task. */
export interface TaskCursor {
  /** From 1 for each reference. */
  readonly run: number;
  readonly startedAtMs: number;
  /** Name of the run that its repetitions in later attempts share; undefined outside of repeated tries. */
  readonly scope: string | undefined;
  /** True once `if`, the input's schema and its transformation are done. */
  entered: boolean;
  /** The transformed input, when it is not the raw one. */
  input: Json | undefined;
  /** Epoch ms at which the task's timeout ends it. */
  deadlineAtMs: number | undefined;
  /** Set when the body is done but the scope around it may not be. */
  finished: FinishedWork | undefined;
  /** What the task's kind remembers. */
  body: BodyCursor | undefined;
  /** Set while extensions are around the task. */
  extension: ExtensionCursor | undefined;
}

/** Where a task stands among the extensions around it. */
export interface ExtensionCursor {
  phase: "before" | "work" | "after";
  /** Indexes of the extensions that apply; undefined before that is known. */
  applied: readonly number[] | undefined;
  /** Which of the applied ones runs. */
  at: number;
  list: ListCursor | undefined;
  /** What stands for the task's work. */
  instead: FinishedWork | undefined;
  /** What the task gave, once it is shaped and exported. */
  done: FinishedWork | undefined;
}

/** The result of some work and where the flow goes. */
export type FinishedWork = { readonly output: Json; readonly next?: string };

/** What a kind of task remembers between two waits. */
export type BodyCursor =
  | ListBody
  | ForBody
  | ForkBody
  | TryBody
  | ListenBody
  | ItemsBody
  | HumanBody
  | FunctionBody
  | ValueBody;

/** `do`. */
export interface ListBody {
  readonly kind: "list";
  readonly list: ListCursor;
}

/** `for`: the collection as it was at the start, the iteration, and its input. */
export interface ForBody {
  readonly kind: "for";
  readonly items: readonly Json[];
  index: number;
  input: Json;
  list: ListCursor | undefined;
  /** Events of the newest iterations in the quiet middle of a long loop. */
  readonly kept: KeptIterations;
  /** Quiet iterations before those. */
  dropped: number;
}

/** `fork`: one part per branch; `winner` is the branch whose output counts when they compete. */
export interface ForkBody {
  readonly kind: "fork";
  readonly branches: readonly BranchCursor[];
  winner: number | undefined;
}

/** A branch: its task while it runs, its result afterwards. */
export interface BranchCursor {
  task: TaskCursor | undefined;
  finished: FinishedWork | undefined;
  fault: JsonObject | undefined;
}

/** `try`: attempts count from 1. */
export interface TryBody {
  readonly kind: "try";
  phase: "try" | "delay" | "catch";
  attempt: number;
  /** How often each task began in this attempt, by reference. */
  readonly begun: Map<string, number>;
  readonly startedAtMs: number;
  list: ListCursor;
  /** The error last caught, as the catch's variable shows it. */
  error: JsonObject | undefined;
  /** End of the delay, or of the attempt. */
  dueAtMs: number | undefined;
}

/** `listen`: what was read so far, how far the strategy has come, and the event that is worked on. */
export interface ListenBody {
  readonly kind: "listen";
  /** Events taken, those of `until` too; numbers the next one. */
  taken: number;
  readonly outputs: Json[];
  progress: StrategyProgress;
  item: ItemCursor | undefined;
  /** Variables as they were when the waiting for the next event began. */
  seen: JsonObject | undefined;
  isOver: boolean;
}

/** A subscription whose messages have been read: what each one gave, and the one that is worked on. */
export interface ItemsBody {
  readonly kind: "items";
  readonly result: Json;
  readonly outputs: Json[];
  item: ItemCursor | undefined;
}

/** A question to people: what is asked now, and when it changes or ends. */
export interface HumanBody {
  readonly kind: "human";
  request: DecisionRequest;
  /** Decisions taken, refused ones too; numbers the next one. */
  taken: number;
  readonly timeoutAtMs: number | undefined;
  /** Undefined once it has happened. */
  escalateAtMs: number | undefined;
  answer: Json | undefined;
}

/** A called function: its arguments and its task. */
export interface FunctionBody {
  readonly kind: "function";
  readonly input: Json;
  task: TaskCursor | undefined;
}

/** An item of a subscription and the tasks that work on it. */
export interface ItemCursor {
  readonly value: Json;
  readonly list: ListCursor;
}

/** Anything a simple task must not compute twice: a due time, an event, an evaluated call. */
export interface ValueBody {
  readonly kind: "value";
  readonly value: Json;
}

/** A list cursor before its first task. */
export function startOfList(input: Json): ListCursor {
  return { index: 0, input, task: undefined, loops: false, hushed: false, left: false };
}
