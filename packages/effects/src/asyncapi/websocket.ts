import { createHash, randomBytes } from "node:crypto";
import http from "node:http";
import https from "node:https";
import type { Duplex } from "node:stream";
import { pinnedLookup } from "../http/address-guard.ts";
import { createMessageQueue } from "./message-queue.ts";
import type { ServerAddress } from "./server-address.ts";
import { OPCODE, readFrame, writeFrame } from "./websocket-frames.ts";

/** Where and how to connect. */
export interface OpenWebSocketParams {
  readonly server: ServerAddress;
  /** With its query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly maxMessageBytes: number;
  readonly connectMs: number;
  readonly signal: AbortSignal;
}

/** An open connection; Node's own client cannot be told which addresses it may reach. */
export interface WebSocketConnection {
  sendText(text: string): Promise<void>;
  readonly messages: AsyncIterable<Buffer>;
  /** Says goodbye and waits for the answer, two seconds at most. */
  close(): Promise<void>;
}

/** The server answered the handshake by something else. */
export class HandshakeRefused extends Error {
  readonly status: number;

  constructor(status: number) {
    super(`the server answered the handshake by ${status}`);
    this.status = status;
  }
}

/**
 * Opens a WebSocket. @see RFC 6455
 *
 * @throws {HandshakeRefused} when the server does not switch; {Error} when the connection fails
 */
export async function openWebSocket(params: OpenWebSocketParams): Promise<WebSocketConnection> {
  const { socket, head } = await shakeHands(params);
  const queue = createMessageQueue<Buffer>();
  const closed = new Promise<void>((resolve) => socket.once("close", resolve));
  const onAbort = () => socket.destroy();
  params.signal.addEventListener("abort", onAbort, { once: true });
  socket.on("error", (error) => queue.end(params.signal.aborted ? undefined : error));
  socket.once("close", () => {
    params.signal.removeEventListener("abort", onAbort);
    queue.end();
  });
  readMessages(
    socket,
    head,
    params.maxMessageBytes,
    (message) => queue.push(message),
    (error) => queue.end(error),
  );
  return {
    messages: queue.messages,
    sendText: (text) => write(socket, writeFrame(OPCODE.text, Buffer.from(text))),
    async close() {
      if (socket.destroyed) return;
      if (!socket.writableEnded) socket.write(writeFrame(OPCODE.close, CLOSE_NORMAL));
      const timer = setTimeout(() => socket.destroy(), GRACE_MS);
      await closed;
      clearTimeout(timer);
    },
  };
}

const GRACE_MS = 2_000;
const CLOSE_NORMAL = Buffer.from([0x03, 0xe8]);

function shakeHands(params: OpenWebSocketParams): Promise<{ socket: Duplex; head: Buffer }> {
  const { server, signal } = params;
  const key = randomBytes(16).toString("base64");
  const options: https.RequestOptions = {
    hostname: server.host.hostname,
    port: server.port,
    path: params.path,
    headers: {
      ...params.headers,
      connection: "Upgrade",
      upgrade: "websocket",
      "sec-websocket-version": "13",
      "sec-websocket-key": key,
    },
    agent: false,
    lookup: pinnedLookup(server.host),
    timeout: params.connectMs,
    signal,
  };
  const request = server.isSecure ? https.request(options) : http.request(options);
  return new Promise((resolve, reject) => {
    request.once("timeout", () => request.destroy(new Error(`no answer for ${params.connectMs / 1000} s`)));
    request.once("error", reject);
    request.once("response", (response) => {
      request.destroy();
      reject(new HandshakeRefused(response.statusCode ?? 0));
    });
    request.once("upgrade", (response, socket, head) => {
      socket.setTimeout(0);
      if (response.headers["sec-websocket-accept"] === acceptFor(key)) resolve({ socket, head });
      else {
        socket.destroy();
        reject(new Error("the server's answer to the handshake is wrong"));
      }
    });
    request.end();
  });
}

function acceptFor(key: string): string {
  return createHash("sha1").update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest("base64");
}

function readMessages(
  socket: Duplex,
  head: Buffer,
  maxBytes: number,
  push: (message: Buffer) => void,
  fail: (error: unknown) => void,
): void {
  let bytes: Buffer = Buffer.alloc(0);
  let parts: Buffer[] = [];
  const take = (chunk: Buffer) => {
    bytes = Buffer.concat([bytes, chunk]);
    for (let read = readFrame(bytes, maxBytes); read; read = readFrame(bytes, maxBytes)) {
      bytes = read.rest;
      const { opcode, isFinal, payload } = read.frame;
      if (opcode === OPCODE.ping && !socket.writableEnded) socket.write(writeFrame(OPCODE.pong, payload));
      else if (opcode === OPCODE.close && !socket.writableEnded) {
        socket.end(writeFrame(OPCODE.close, payload.subarray(0, 2)));
      } else if (opcode <= OPCODE.binary) {
        parts.push(payload);
        if (parts.reduce((sum, part) => sum + part.length, 0) > maxBytes)
          throw new Error(`a message is larger than ${maxBytes} bytes`);
        if (isFinal) push(Buffer.concat(parts.splice(0)));
      }
    }
  };
  const guarded = (chunk: Buffer) => {
    try {
      take(chunk);
    } catch (error) {
      parts = [];
      fail(error);
      socket.destroy();
    }
  };
  if (head.length > 0) guarded(head);
  socket.on("data", guarded);
}

function write(socket: Duplex, bytes: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.write(bytes, (error) => (error ? reject(error) : resolve()));
  });
}
