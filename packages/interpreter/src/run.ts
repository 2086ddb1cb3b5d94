import type { EvaluateOptions, Json, JsonObject, WorkflowDocument } from "@stigmer/dsl";
import type { Durable } from "@stigmer/durable";
import type { RunState } from "./cursor.ts";
import type { PlannedExtension } from "./extensions.ts";
import type { RunList } from "./list.ts";
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
  /** Runs a list of tasks; here because tasks and lists contain each other. */
  readonly runList: RunList;
  readonly extensions: readonly PlannedExtension[];
  readonly plan: Planner;
  /** Offers the state to the host; one closure per run, because it is handed over after every task. */
  readonly offerState: () => Json;
  /** Keeps every task event inside loops. */
  readonly allEvents: boolean;
  /** Steps allowed between two answers of the world. */
  readonly maxPureSteps: number;
  /** Processes that no task waits for; the run ends after them. */
  readonly background: Set<Promise<void>>;
}

/** The number of this run of a task, from 1. */
export function nextRun(state: RunState, reference: string): number {
  const run = (state.runs.get(reference) ?? 0) + 1;
  state.runs.set(reference, run);
  return run;
}
