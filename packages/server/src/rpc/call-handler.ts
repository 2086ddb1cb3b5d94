import { type ConnectRouter, type ContextKey, createContextKey, createContextValues } from "@connectrpc/connect";
import { connectNodeAdapter } from "@connectrpc/connect-node";
import { BINARY_OPTIONS, StigmerError } from "@stigmer/api";
import { answerError } from "../http/answer-error.ts";
import type { Caller } from "../http/caller.ts";
import type { CallHandler } from "../http/gate.ts";
import { LIMITS } from "../http/limits.ts";
import { type AnyRequest, type AnyResponse, sendAnswer } from "../http/send-answer.ts";
import { createErrorInterceptor, type ReportUnexpected } from "./error-interceptor.ts";
import type { RequestValidator } from "./validation-interceptor.ts";

/** Who calls, for handlers that need to know. */
export const CALLER: ContextKey<Caller> = createContextKey<Caller>({ kind: "client" });

/** What answers calls is made of. */
export interface CreateCallHandlerParams {
  readonly routes: (router: ConnectRouter) => void;
  readonly validator: RequestValidator;
  /** Aborts every open call. */
  readonly stopping: AbortSignal;
  readonly reportUnexpected: ReportUnexpected;
}

/** Answers gRPC, gRPC-Web and Connect calls of callers that the gate let in. */
export function createCallHandler(params: CreateCallHandlerParams): CallHandler {
  const callers = new WeakMap<object, Caller>();
  const serve = connectNodeAdapter({
    routes: params.routes,
    interceptors: [createErrorInterceptor(params.reportUnexpected), params.validator.interceptor],
    binaryOptions: BINARY_OPTIONS,
    readMaxBytes: LIMITS.messageBytes,
    shutdownSignal: params.stopping,
    // The adapter types the same classes a little differently, as in the cast below.
    fallback: (request, response) => answerUnknownMethod(request as AnyRequest, response as AnyResponse),
    contextValues: (request) => createContextValues().set(CALLER, callers.get(request) ?? { kind: "client" }),
  });
  return (request: AnyRequest, response, caller) => {
    callers.set(request, caller);
    serve(request as Parameters<typeof serve>[0], response as Parameters<typeof serve>[1]);
  };
}

function answerUnknownMethod(request: AnyRequest, response: AnyResponse): void {
  const path = (request.url ?? "").slice(0, 200);
  const message = `Cannot call "${path}": this server has no such method`;
  const error = new StigmerError({ reason: "UNKNOWN_METHOD", message });
  sendAnswer(request, response, answerError(request.headers, error, 404));
}
