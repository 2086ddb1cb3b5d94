import type { EvaluateOptions, Json, JsonObject, WorkflowDocument } from "@stigmer/dsl";
import type { Durable } from "@stigmer/durable";
import type { RunState } from "./cursor.ts";
import { Fault, standardFault } from "./fault.ts";
import type { Planner } from "./plan.ts";
import type { TaskTable } from "./task-table.ts";

/** Everything that is the same for all tasks of one run. */
export interface Run {
  readonly definition: WorkflowDocument;
  /** The workflow's input before `input.from`. */
  readonly rawInput: Json;
  /** The port of the whole run, outside every scope. */
  readonly durable: Durable;
  readonly state: RunState;
  /** `$workflow`. */
  readonly workflow: JsonObject;
  /** `$runtime`. */
  readonly runtime: JsonObject;
  readonly startedAtMs: number;
  readonly strictSecrets: boolean;
  /** False when no expression of the document can read secrets. */
  readonly usesSecrets: boolean;
  /** How expressions are evaluated. */
  readonly evaluate: EvaluateOptions;
  /** Origins to replace in addresses. */
  readonly rewrite: readonly Json[];
  readonly tasks: TaskTable;
  readonly plan: Planner;
  /** Offers the state to the host; one closure per run, because it is handed over after every task. */
  readonly offerState: () => Json;
  /** Keeps every task event inside loops. */
  readonly allEvents: boolean;
  readonly progress: Progress;
  /** Processes that no task waits for; the run ends after them. */
  readonly background: Set<Promise<void>>;
}

/** Pure steps since the world last answered, and how many are allowed. */
export interface Progress {
  steps: number;
  readonly maxSteps: number;
}

/** Steps that a run may take without an answer from the world before it counts as an endless loop. */
export const DEFAULT_MAX_PURE_STEPS = 1_000_000;

/** The run loops without ever waiting for the world; no `try` catches it. */
export class NoProgress extends Fault {}

/**
 * Counts one pure step.
 *
 * @throws {NoProgress} when the run took too many of them since the world last answered
 */
export function countStep(progress: Progress, reference: string): void {
  progress.steps += 1;
  if (progress.steps <= progress.maxSteps) return;
  const detail = `The workflow took ${progress.maxSteps} steps without waiting for anything; the loop around this task never ends`;
  throw new NoProgress(standardFault({ error: "runtime", title: "no progress", detail, instance: reference }).problem);
}

/** The number of this run of a task, from 1. */
export function nextRun(state: RunState, reference: string): number {
  const run = (state.runs.get(reference) ?? 0) + 1;
  state.runs.set(reference, run);
  return run;
}
