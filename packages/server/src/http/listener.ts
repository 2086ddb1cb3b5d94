import {
  createServer as createHttpServer,
  type Server as HttpServer,
  type IncomingMessage,
  type ServerResponse,
} from "node:http";
import {
  constants,
  createServer as createHttp2Server,
  type Http2Server,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from "node:http2";
import type { ListenOptions, Server, Socket } from "node:net";
import { LIMITS } from "./limits.ts";
import { createPortMux } from "./port-mux.ts";
import type { TlsMaterial } from "./read-tls.ts";
import type { AnyRequest, AnyResponse } from "./send-answer.ts";
import { createTlsMux } from "./tls-mux.ts";
import type { UpgradeHandler } from "./upgrade-gate.ts";

/** An open listener. */
export interface Listener {
  readonly server: Server;
  /** Takes no more connections, lets running requests end until the deadline, then cuts what is left. */
  close(deadlineMs: number): Promise<void>;
}

/** What serves a request of either HTTP version. */
export type RequestHandler = (request: AnyRequest, response: AnyResponse) => void;

/** What a listener may have beside its handler. */
export interface ListenExtras {
  readonly onUpgrade?: UpgradeHandler;
  /** Absent speaks in clear. */
  readonly tls?: TlsMaterial;
}

/** Listens for HTTP/1.1 and HTTP/2 together, with every bound of `LIMITS`. Rejects with the system's error. */
export async function listen(
  where: ListenOptions,
  handler: RequestHandler,
  { onUpgrade, tls }: ListenExtras = {},
): Promise<Listener> {
  const h1 = createH1(handler);
  if (onUpgrade) h1.on("upgrade", onUpgrade);
  const sessions = new Set<ServerHttp2Session>();
  const streams = new Set<ServerHttp2Stream>();
  const h2 = createH2(handler, sessions, streams);
  const maxConnections = LIMITS.connections;
  const server =
    tls === undefined
      ? createPortMux({ h1, h2, peekMs: LIMITS.peekMs, maxConnections })
      : createTlsMux({ h1, h2, tls, handshakeMs: LIMITS.peekMs, maxConnections });
  const sockets = new Set<Socket>();
  const h2Sockets = new Set<Socket>();
  h2.on("connection", (socket: Socket) => {
    h2Sockets.add(socket);
    socket.once("close", () => h2Sockets.delete(socket));
  });
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
      const answered = setInterval(() => endAnswered(h2Sockets, streams), ANSWERED_CHECK_MS);
      const timer = setTimeout(() => {
        for (const socket of sockets) socket.destroy();
      }, deadlineMs);
      await isClosed;
      clearInterval(answered);
      clearTimeout(timer);
      h1.close();
    },
  };
}

/** How often a closing listener looks for streams that are answered, ms. */
const ANSWERED_CHECK_MS = 50;

/** A client may keep its half of an answered stream, and then its connection, open for ever; closing does not wait. */
function endAnswered(sockets: ReadonlySet<Socket>, streams: ReadonlySet<ServerHttp2Stream>): void {
  for (const stream of streams) if (stream.writableFinished) stream.close(constants.NGHTTP2_NO_ERROR);
  if (streams.size === 0) for (const socket of sockets) socket.destroy();
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

function createH2(
  handler: RequestHandler,
  sessions: Set<ServerHttp2Session>,
  streams: Set<ServerHttp2Stream>,
): Http2Server {
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
    session.on("stream", (stream) => {
      streams.add(stream);
      stream.once("close", () => streams.delete(stream));
    });
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
