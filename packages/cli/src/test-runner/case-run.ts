import type { WorkflowDocument } from "@stigmer/dsl";
import type { Json, LogEvent } from "@stigmer/durable";
import type { RunReport } from "@stigmer/interpreter";
import type { Work } from "./work.ts";

/** How a run ended: as executions end, or waiting for what never comes. */
export type CaseStatus = "completed" | "faulted" | "cancelled" | "waiting";

/** The event log of one execution of a test, with the document that it ran. */
export interface ExecutionLog {
  readonly document: WorkflowDocument | undefined;
  readonly events: readonly LogEvent[];
}

/** What one run of a test did. */
export interface CaseRun {
  readonly status: CaseStatus;
  readonly report: RunReport;
  /** Virtual time from start to end. */
  readonly durationMs: number;
  /** Everything that was asked of the world, mocked or not. */
  readonly works: readonly Work[];
  /** Events that all executions emitted. */
  readonly emitted: readonly Json[];
  /** Why work was refused, and other reasons to fail whatever is expected. */
  readonly refusals: readonly string[];
  /** Of the execution itself and of its children. */
  readonly logs: readonly ExecutionLog[];
}
