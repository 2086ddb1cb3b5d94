import type { IncomingHttpHeaders, OutgoingHttpHeaders } from "node:http";
import { Code } from "@connectrpc/connect";
import { codeToHttpStatus, endStreamToJson, errorToJson } from "@connectrpc/connect/protocol-connect";
import { setTrailerStatus } from "@connectrpc/connect/protocol-grpc";
import { type StigmerError, toConnectError } from "@stigmer/api";

/** An answer that needs no handler: status, headers, body. */
export interface PlainAnswer {
  readonly status: number;
  readonly headers: OutgoingHttpHeaders;
  readonly body: Buffer;
}

/**
 * The error in the protocol of the request, so that every client reads it as an RPC error: trailers for gRPC and
 * gRPC-Web, an end-of-stream frame for Connect streams, JSON with an HTTP status for everything else.
 *
 * @param status HTTP status of a JSON answer; from the error's code when absent
 */
export function answerError(headers: IncomingHttpHeaders, error: StigmerError, status?: number): PlainAnswer {
  const type = headers["content-type"] ?? "";
  const connectError = toConnectError(error);
  if (type.startsWith("application/grpc")) {
    const trailers = new Headers();
    setTrailerStatus(trailers, connectError);
    return { status: 200, headers: { "content-type": type, ...Object.fromEntries(trailers) }, body: Buffer.alloc(0) };
  }
  if (type.startsWith("application/connect+")) {
    const payload = JSON.stringify(endStreamToJson(new Headers(), connectError, undefined));
    return { status: 200, headers: { "content-type": type }, body: endOfStream(payload) };
  }
  const body = Buffer.from(JSON.stringify(errorToJson(connectError, undefined)));
  const httpStatus = status ?? codeToHttpStatus(connectError.code ?? Code.Internal);
  return { status: httpStatus, headers: { "content-type": "application/json" }, body };
}

/** Frame of the Connect protocol with the end-of-stream flag. */
function endOfStream(payload: string): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt8(2, 0);
  head.writeUInt32BE(Buffer.byteLength(payload), 1);
  return Buffer.concat([head, Buffer.from(payload)]);
}
