import { type IncomingMessage, request } from "node:http";
import type { Socket } from "node:net";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import type { RunnerFrame } from "@stigmer/api";
import {
  WORK_PATH,
  WORK_PROTOCOL,
  WorkFrameReader,
  WorkRequestSchema,
  WorkResponseSchema,
  writeWorkFrame,
} from "@stigmer/api";
import type { Channel, ChannelListener } from "./channel.ts";

/** Where a stream of frames goes. */
export interface FrameStreamParams {
  readonly socketPath: string;
  readonly token: string;
}

/** How long the server may take to end a stream that was closed, ms. */
const CLOSE_MS = 1_000;

/**
 * A stream to the server on this machine's socket: an HTTP/1.1 connection that becomes messages with their length before
 * them. The same messages over Connect and HTTP/2 cost a quarter more of a step's time.
 */
export function openFrameStream(params: FrameStreamParams, listener: ChannelListener): Channel {
  let socket: Socket | undefined;
  let isOver = false;
  let waiting: Uint8Array[] = [];
  const finish = (error?: unknown) => {
    if (isOver) return;
    isOver = true;
    socket?.destroy();
    listener.onClose(error);
  };
  const call = request({
    socketPath: params.socketPath,
    path: WORK_PATH,
    headers: {
      host: "localhost",
      connection: "upgrade",
      upgrade: WORK_PROTOCOL,
      authorization: `Bearer ${params.token}`,
    },
  });
  call.once("error", finish);
  call.once("response", (response) => readRefusal(response).then(finish, finish));
  call.once("upgrade", (_response, opened: Socket, head: Buffer) => {
    socket = opened;
    if (isOver) return void opened.destroy();
    receive(opened, head, listener, finish);
    for (const bytes of waiting) opened.write(bytes);
    waiting = [];
  });
  call.end();
  return {
    send: (frame) => {
      const bytes = encode(frame);
      if (socket === undefined) waiting.push(bytes);
      else writeSoon(socket, bytes);
    },
    close: () => closeStream(() => socket ?? call, finish),
  };
}

/** What is said in one round of the event loop leaves in one system call: each wakes the other side. */
function writeSoon(socket: Socket, bytes: Uint8Array): void {
  if (socket.writableCorked === 0) {
    socket.cork();
    setImmediate(() => socket.uncork());
  }
  socket.write(bytes);
}

function receive(socket: Socket, head: Buffer, listener: ChannelListener, finish: (error?: unknown) => void): void {
  const reader = new WorkFrameReader();
  const take = (chunk: Buffer) => {
    try {
      for (const message of reader.push(chunk)) listener.onFrame(fromBinary(WorkResponseSchema, message));
    } catch (error) {
      finish(error);
    }
  };
  socket.on("data", take);
  socket.once("error", finish);
  socket.once("close", () => finish());
  if (head.length > 0) take(head);
}

function encode(frame: RunnerFrame): Uint8Array {
  return writeWorkFrame(toBinary(WorkRequestSchema, create(WorkRequestSchema, frame)));
}

interface Closable {
  end(): unknown;
  destroy(): unknown;
  once(event: "close", listener: () => void): unknown;
  readonly closed: boolean;
}

function closeStream(current: () => Closable, finish: () => void): Promise<void> {
  const stream = current();
  if (stream.closed) return Promise.resolve();
  return new Promise((resolve) => {
    const timer = setTimeout(() => stream.destroy(), CLOSE_MS);
    stream.once("close", () => {
      clearTimeout(timer);
      finish();
      resolve();
    });
    stream.end();
  });
}

/** Why the server did not take the stream. */
async function readRefusal(response: IncomingMessage): Promise<Error> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk);
  const text = Buffer.concat(chunks).toString("utf8");
  return new Error(messageIn(text) ?? `the server answered ${response.statusCode}`);
}

function messageIn(text: string): string | undefined {
  try {
    const answer: unknown = JSON.parse(text);
    const message = typeof answer === "object" && answer !== null ? Reflect.get(answer, "message") : undefined;
    return typeof message === "string" ? message : undefined;
  } catch {
    return undefined; // an answer of somebody else
  }
}
