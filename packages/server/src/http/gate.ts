import type { IncomingMessage, ServerResponse } from "node:http";
import type { Http2ServerRequest, Http2ServerResponse } from "node:http2";
import type { StigmerError } from "@stigmer/api";
import { answerError, type PlainAnswer } from "./answer-error.ts";
import { authorize, type Caller, identifyCaller } from "./caller.ts";
import { type Door, guardRequest } from "./request-guard.ts";
import type { TokenBook } from "./token-book.ts";

/** A request of either HTTP version. */
export type AnyRequest = IncomingMessage | Http2ServerRequest;
/** A response of either HTTP version. */
export type AnyResponse = ServerResponse | Http2ServerResponse;
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
      send(request, response, answerError(headers, error, status));
    };

    const refusal = guardRequest({ method, headers }, params.door);
    if (refusal !== undefined) return refuse(refusal.error, refusal.status);
    if (method === "GET" && path === "/healthz") return send(request, response, HEALTHY);
    const caller = identifyCaller(headers, params.door, params.tokens);
    if (!("kind" in caller)) return refuse(caller);
    const denial = authorize(caller, path);
    if (denial !== undefined) return refuse(denial);
    params.serve(request, response, caller);
  };
}

const HEALTHY: PlainAnswer = { status: 200, headers: { "content-type": "text/plain" }, body: Buffer.from("ok\n") };

/** A refused HTTP/1.1 body is not read: the connection closes behind the answer. */
function send(request: AnyRequest, response: AnyResponse, answer: PlainAnswer): void {
  const isHttp1 = request.httpVersionMajor === 1;
  const closing = isHttp1 && request.method !== "GET" ? { connection: "close" } : {};
  const headers = {
    "x-content-type-options": "nosniff",
    "content-length": answer.body.length,
    ...answer.headers,
    ...closing,
  };
  (response as ServerResponse).writeHead(answer.status, headers);
  (response as ServerResponse).end(answer.body);
  request.on("error", () => {});
  request.resume();
}

function pathOf(url: string): string {
  const query = url.indexOf("?");
  return query === -1 ? url : url.slice(0, query);
}
