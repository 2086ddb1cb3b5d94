import {
  createServer as createHttpServer,
  type Server as HttpServer,
  type IncomingMessage,
  type ServerResponse,
} from "node:http";
import { createServer as createHttp2Server, type Http2Server, type ServerHttp2Session } from "node:http2";
import type { ListenOptions, Server, Socket } from "node:net";
import type { AnyRequest, AnyResponse } from "./gate.ts";
import { LIMITS } from "./limits.ts";
import { createPortMux } from "./port-mux.ts";

/** An open listener. */
export interface Listener {
  readonly server: Server;
  /** Takes no more connections, lets running requests end until the deadline, then cuts what is left. */
  close(deadlineMs: number): Promise<void>;
}

/** What serves a request of either HTTP version. */
export type RequestHandler = (request: AnyRequest, response: AnyResponse) => void;

/** Listens for HTTP/1.1 and HTTP/2 together, with every bound of `LIMITS`. Rejects with the system's error. */
export async function listen(where: ListenOptions, handler: RequestHandler): Promise<Listener> {
  const h1 = createH1(handler);
  const sessions = new Set<ServerHttp2Session>();
  const h2 = createH2(handler, sessions);
  const server = createPortMux({ h1, h2, peekMs: LIMITS.peekMs, maxConnections: LIMITS.connections });
  const sockets = new Set<Socket>();
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject).listen(where, resolve);
  });
  // The server of the mux listens, not `h1`; without this event `h1` never checks its header and request times.
  h1.emit("listening");
  return {
    server,
    async close(deadlineMs) {
      const isClosed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const session of sessions) session.close();
      h1.closeIdleConnections();
      const timer = setTimeout(() => {
        for (const socket of sockets) socket.destroy();
      }, deadlineMs);
      await isClosed;
      clearTimeout(timer);
      h1.close();
    },
  };
}

function createH1(handler: RequestHandler): HttpServer {
  const server = createHttpServer(
    {
      headersTimeout: LIMITS.headersMs,
      requestTimeout: LIMITS.requestMs,
      keepAliveTimeout: LIMITS.idleMs,
      connectionsCheckingInterval: 1_000,
      maxHeaderSize: LIMITS.headerBytes,
      // The gate refuses an empty or missing host itself, with 421.
      requireHostHeader: false,
    },
    (request: IncomingMessage, response: ServerResponse) => handler(request, response),
  );
  return server;
}

function createH2(handler: RequestHandler, sessions: Set<ServerHttp2Session>): Http2Server {
  const server = createHttp2Server(
    {
      settings: { initialWindowSize: 1 << 20, maxConcurrentStreams: LIMITS.streamsPerConnection },
      maxHeaderListPairs: 64,
    },
    (request, response) => handler(request, response),
  );
  server.on("session", (session) => {
    sessions.add(session);
    session.once("close", () => sessions.delete(session));
    session.on("error", () => session.destroy());
    limitIdleTime(session);
  });
  server.on("sessionError", () => {});
  return server;
}

/** Ends a session that opens no stream in time, and one that has had none open for long. */
function limitIdleTime(session: ServerHttp2Session): void {
  let open = 0;
  let timer = setTimeout(() => session.destroy(), LIMITS.firstStreamMs);
  session.once("close", () => clearTimeout(timer));
  session.on("stream", (stream) => {
    open += 1;
    clearTimeout(timer);
    stream.on("error", () => {});
    stream.once("close", () => {
      open -= 1;
      if (open > 0 || session.closed || session.destroyed) return;
      timer = setTimeout(() => session.close(), LIMITS.idleMs);
      timer.unref();
    });
  });
}
