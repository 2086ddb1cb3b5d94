import type { DocumentHeader, Json, JsonObject } from "@stigmer/dsl";

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
  /** Output and error of the execution, where its event log leaves them out. */
  readonly end?: { readonly output?: Json; readonly error?: JsonObject };
}
