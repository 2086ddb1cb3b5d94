import { create } from "@bufbuild/protobuf";
import { StigmerError, type WatchResponse, WatchResponseSchema } from "@stigmer/api";
import type { Engine } from "../engine/engine.ts";
import type { ExecutionView } from "../engine/execution-views.ts";
import type { WatchUpdate } from "../engine/watchers.ts";
import { toEvent, toExecution } from "./to-execution.ts";

/** What is watched, and from where on. */
export interface WatchExecutionParams {
  readonly id: string;
  readonly afterSeq: number;
  readonly plane: "events" | "tokens";
  readonly signal: AbortSignal;
  /** As it was read a moment ago. */
  readonly known?: ExecutionView;
}

/**
 * A snapshot, then events without gap or duplicate, and a last snapshot at the final phase.
 *
 * @throws {StigmerError} EXECUTION_NOT_FOUND
 */
export async function* watchExecution(engine: Engine, params: WatchExecutionParams): AsyncGenerator<WatchResponse> {
  const { id, ...how } = params;
  let isKnown = false;
  for await (const update of engine.watch(id, how)) {
    isKnown = true;
    yield toResponse(update);
  }
  if (!isKnown && !params.signal.aborted) throw executionNotFound(id);
}

/** There is no execution of this id. */
export function executionNotFound(id: string): StigmerError {
  return new StigmerError({
    reason: "EXECUTION_NOT_FOUND",
    message: `Cannot find execution "${id}": it does not exist`,
  });
}

function toResponse(update: WatchUpdate): WatchResponse {
  switch (update.kind) {
    case "snapshot":
      return create(WatchResponseSchema, { update: { case: "snapshot", value: toExecution(update.execution) } });
    case "event":
      return create(WatchResponseSchema, { update: { case: "event", value: toEvent(update.event) } });
    case "token": {
      const { key, offset, text } = update.token;
      return create(WatchResponseSchema, { update: { case: "token", value: { key, offset: BigInt(offset), text } } });
    }
  }
}
