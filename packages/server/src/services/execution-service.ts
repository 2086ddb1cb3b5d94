import { type DescMessage, type MessageShape, toBinary } from "@bufbuild/protobuf";
import type { ServiceImpl } from "@connectrpc/connect";
import {
  CancelRequestSchema,
  type ExecutionService,
  PauseRequestSchema,
  ResumeRequestSchema,
  StigmerError,
} from "@stigmer/api";
import { decide } from "../decisions/decide.ts";
import { listPendingDecisions } from "../decisions/list-pending-decisions.ts";
import type { WishParams } from "../engine/engine-door.ts";
import { readEvents } from "../engine/execution-views.ts";
import { checkCloudEvent } from "../events/check-cloud-event.ts";
import { listPublishedPage } from "../events/list-published-page.ts";
import { listExecutionsPage } from "../executions/list-executions-page.ts";
import { type StartExecutionDeps, startExecution } from "../executions/start-execution.ts";
import { toEvent, toExecution } from "../executions/to-execution.ts";
import { executionNotFound, watchExecution } from "../executions/watch-execution.ts";
import { pageSizeOf } from "../paging/page-token.ts";
import { digestOf } from "../resources/request-digest.ts";

/** Executions over RPC: each method turns its request into one use case. */
export function createExecutionService(deps: StartExecutionDeps): ServiceImpl<typeof ExecutionService> {
  const { engine, store } = deps;
  const find = (id: string) => {
    const view = engine.get(id);
    if (view === undefined) throw executionNotFound(id);
    return view;
  };
  return {
    async *run(request, context) {
      const known = await startExecution(deps, requireStart(request.start));
      const plane = request.tokens ? "tokens" : "events";
      yield* watchExecution(engine, { id: known.id, known, afterSeq: 0, plane, signal: context.signal });
    },
    start: async (request) => ({ execution: toExecution(await startExecution(deps, request)) }),
    getExecution: (request) => ({ execution: toExecution(find(request.id)) }),
    listExecutions(request) {
      const { executions, nextPageToken } = listExecutionsPage(store, request);
      return { executions: executions.map(toExecution), nextPageToken };
    },
    watch(request, context) {
      const plane = request.tokens ? "tokens" : "events";
      const { id, afterSeq } = request;
      return watchExecution(engine, { id, afterSeq: Number(afterSeq), plane, signal: context.signal });
    },
    listEvents(request) {
      const events = readEvents(store, find(request.id).no, Number(request.afterSeq), pageSizeOf(request.pageSize));
      return { events: events.map(toEvent) };
    },
    async cancel(request) {
      const { reason } = request;
      const view = await engine.cancel({
        ...wishOf(CancelRequestSchema, request),
        mode: request.force ? "force" : "gentle",
        ...(reason === "" ? {} : { reason }),
      });
      return { execution: toExecution(view) };
    },
    pause: async (request) => ({ execution: toExecution(await engine.pause(wishOf(PauseRequestSchema, request))) }),
    resume: async (request) => ({ execution: toExecution(await engine.resume(wishOf(ResumeRequestSchema, request))) }),
    async decide(request) {
      const { task, id } = await decide(deps, request);
      return { task, execution: toExecution(find(id)) };
    },
    listPendingDecisions: (request) => listPendingDecisions(store, request),
    publishEvent: (request) => engine.publish({ event: checkCloudEvent(request.event, "event") }),
    listPublishedEvents: (request) => listPublishedPage(store, request),
  };
}

function requireStart<T>(start: T | undefined): T {
  if (start !== undefined) return start;
  throw new StigmerError({ reason: "INVALID_REQUEST", message: "Cannot read the request: start is missing" });
}

type Wish = { readonly id: string; readonly idempotencyKey: string };

function wishOf<Desc extends DescMessage>(schema: Desc, request: MessageShape<Desc> & Wish): WishParams {
  const { id, idempotencyKey: key } = request;
  if (key === "") return { id };
  return { id, idempotency: { key, digest: digestOf(toBinary(schema, { ...request, idempotencyKey: "" })) } };
}
