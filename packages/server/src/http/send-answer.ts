import type { IncomingMessage, ServerResponse } from "node:http";
import type { Http2ServerRequest, Http2ServerResponse } from "node:http2";
import type { PlainAnswer } from "./answer-error.ts";

/** A request of either HTTP version. */
export type AnyRequest = IncomingMessage | Http2ServerRequest;
/** A response of either HTTP version. */
export type AnyResponse = ServerResponse | Http2ServerResponse;

/** Writes an answer that needs no RPC. What is left of an HTTP/1.1 body is not read: the connection closes behind it. */
export function sendAnswer(request: AnyRequest, response: AnyResponse, answer: PlainAnswer): void {
  const isUnread = request.httpVersionMajor === 1 && request.method !== "GET" && !request.complete;
  const headers = {
    "x-content-type-options": "nosniff",
    "content-length": answer.body.length,
    ...answer.headers,
    ...(isUnread ? { connection: "close" } : {}),
  };
  (response as ServerResponse).writeHead(answer.status, headers);
  (response as ServerResponse).end(answer.body);
  request.on("error", () => {});
  request.resume();
}
