import type { Server as HttpServer } from "node:http";
import type { Http2Server } from "node:http2";
import type { Server } from "node:net";
import { createServer } from "node:tls";
import type { TlsMaterial } from "./read-tls.ts";

/** What a port with TLS needs. */
export interface CreateTlsMuxParams {
  readonly h1: HttpServer;
  readonly h2: Http2Server;
  readonly tls: TlsMaterial;
  /** How long a connection may take to agree on keys, ms. */
  readonly handshakeMs: number;
  readonly maxConnections: number;
}

/** One listener for HTTP/1.1 and HTTP/2 over TLS: the client's choice (ALPN) tells which of the two servers gets it. */
export function createTlsMux(params: CreateTlsMuxParams): Server {
  const server = createServer(
    {
      cert: params.tls.certificate,
      key: params.tls.key,
      minVersion: "TLSv1.2",
      ALPNProtocols: ["h2", "http/1.1"],
      handshakeTimeout: params.handshakeMs,
      noDelay: true,
    },
    (socket) => {
      socket.on("error", () => socket.destroy());
      (socket.alpnProtocol === "h2" ? params.h2 : params.h1).emit("connection", socket);
    },
  );
  server.on("tlsClientError", (_error, socket) => socket.destroy());
  server.maxConnections = params.maxConnections;
  return server;
}
