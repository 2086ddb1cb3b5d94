import type { Transport } from "@connectrpc/connect";
import { createGrpcTransport, Http2SessionManager } from "@connectrpc/connect-node";
import { type CheckedHost, pinnedLookup } from "../http/address-guard.ts";
import type { HttpLimits } from "../http/http-exchange.ts";

/** Where a gRPC service is. */
export interface OpenGrpcTransportParams {
  /** `http:` speaks without TLS. */
  readonly url: URL;
  /** The checked addresses of the URL's host; no other is connected to. */
  readonly host: CheckedHost;
  readonly limits: HttpLimits;
}

/** A transport with one connection of its own. */
export function openGrpcTransport({ url, host, limits }: OpenGrpcTransportParams): {
  readonly transport: Transport;
  close(): void;
} {
  const session = new Http2SessionManager(url, {}, { lookup: pinnedLookup(host) });
  const transport = createGrpcTransport({
    baseUrl: url.origin,
    sessionManager: session,
    readMaxBytes: limits.maxContentBytes,
    writeMaxBytes: limits.maxContentBytes,
  });
  return { transport, close: () => session.abort() };
}
