import type { Server as HttpServer } from "node:http";
import type { Http2Server } from "node:http2";
import { createServer, type Server, type Socket } from "node:net";

/** What a shared port needs. */
export interface CreatePortMuxParams {
  readonly h1: HttpServer;
  readonly h2: Http2Server;
  /** How long a connection may stay silent before its first three bytes, ms. */
  readonly peekMs: number;
  readonly maxConnections: number;
}

const H2_PREFACE = "PRI";

/**
 * One listener for HTTP/1.1 and for HTTP/2 with prior knowledge: the first three bytes tell which of the two servers
 * gets the socket.
 *
 * Bytes are collected with `data` and put back once: `unshift` inside `readable` before the decision spins for ever
 * on a client that sends two bytes.
 */
export function createPortMux(params: CreatePortMuxParams): Server {
  const server = createServer({ noDelay: true }, (socket) => peek(socket, params));
  server.maxConnections = params.maxConnections;
  return server;
}

function peek(socket: Socket, params: CreatePortMuxParams): void {
  let head: Buffer = Buffer.alloc(0);
  const drop = () => socket.destroy();
  const timer = setTimeout(drop, params.peekMs);
  socket.on("error", drop).once("close", () => clearTimeout(timer));
  const onData = (chunk: Buffer) => {
    head = Buffer.concat([head, chunk]);
    const isPreface = H2_PREFACE.startsWith(head.toString("latin1", 0, H2_PREFACE.length));
    if (isPreface && head.length < H2_PREFACE.length) return;
    clearTimeout(timer);
    socket.off("data", onData).pause();
    socket.unshift(head);
    if (isPreface) {
      params.h2.emit("connection", socket);
    } else {
      params.h1.emit("connection", socket);
      socket.resume();
    }
  };
  socket.on("data", onData);
}
