import type { DocumentHeader, Json } from "@stigmer/dsl";

/** A line of an execution's event log, whoever wrote it. */
export interface LoggedEvent {
  readonly type: string;
  readonly data: Json;
  /** Epoch ms. */
  readonly atMs: number;
}

/** Of which execution a report is made. */
export interface RunReportParams {
  readonly id: string;
  readonly document: DocumentHeader;
}
