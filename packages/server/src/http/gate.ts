import type { StigmerError } from "@stigmer/api";
import { answerError, type PlainAnswer } from "./answer-error.ts";
import { authorize, type Caller, identifyCaller } from "./caller.ts";
import { type Door, guardRequest } from "./request-guard.ts";
import { type AnyRequest, type AnyResponse, sendAnswer } from "./send-answer.ts";
import type { TokenBook } from "./token-book.ts";

/** Serves a request whose caller is known and allowed. */
export type CallHandler = (request: AnyRequest, response: AnyResponse, caller: Caller) => void;

/** What every request of a door passes. */
export interface CreateGateParams {
  readonly door: Door;
  readonly tokens: TokenBook;
  readonly serve: CallHandler;
  readonly log: (message: string, fields: Readonly<Record<string, unknown>>) => void;
}

/**
 * The one gate of a listener: host, origin and content type first, then `GET /healthz`, then the token, then whether
 * this caller may call this method. Whatever is not let through is answered here; nothing of it reaches a service.
 */
export function createGate(params: CreateGateParams): (request: AnyRequest, response: AnyResponse) => void {
  return (request, response) => {
    const { headers } = request;
    const method = request.method ?? "";
    const path = pathOf(request.url ?? "");
    const refuse = (error: StigmerError, status?: number) => {
      params.log("refused a call", { reason: error.reason, path: path.slice(0, 200) });
      sendAnswer(request, response, answerError(headers, error, status));
    };

    const refusal = guardRequest({ method, path, headers }, params.door);
    if (refusal !== undefined) return refuse(refusal.error, refusal.status);
    if (method === "GET" && path === "/healthz") return sendAnswer(request, response, HEALTHY);
    const caller = identifyCaller(headers, params.door, params.tokens);
    if (!("kind" in caller)) return refuse(caller);
    const denial = authorize(caller, path);
    if (denial !== undefined) return refuse(denial);
    params.serve(request, response, caller);
  };
}

const HEALTHY: PlainAnswer = { status: 200, headers: { "content-type": "text/plain" }, body: Buffer.from("ok\n") };

function pathOf(url: string): string {
  const query = url.indexOf("?");
  return query === -1 ? url : url.slice(0, query);
}
