import { type ConnectRouter, type ContextKey, createContextKey, createContextValues } from "@connectrpc/connect";
import { connectNodeAdapter } from "@connectrpc/connect-node";
import type { Caller } from "../http/caller.ts";
import type { AnyRequest, CallHandler } from "../http/gate.ts";
import { LIMITS } from "../http/limits.ts";
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
    readMaxBytes: LIMITS.messageBytes,
    shutdownSignal: params.stopping,
    contextValues: (request) => createContextValues().set(CALLER, callers.get(request) ?? { kind: "client" }),
  });
  return (request: AnyRequest, response, caller) => {
    callers.set(request, caller);
    serve(request as Parameters<typeof serve>[0], response as Parameters<typeof serve>[1]);
  };
}
