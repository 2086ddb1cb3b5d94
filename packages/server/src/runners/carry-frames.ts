import type { Duplex } from "node:stream";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { WorkFrameReader, WorkRequestSchema, WorkResponseSchema, writeWorkFrame } from "@stigmer/api";
import type { Engine } from "../engine/engine.ts";
import type { Caller } from "../http/caller.ts";
import { checkHello } from "./carry-runner.ts";

/** A runner's connection on this machine's socket. */
export interface CarryFramesParams {
  readonly engine: Engine;
  readonly caller: Caller;
  readonly socket: Duplex;
  /** Ends the connection. */
  readonly stopping: AbortSignal;
  /** What the runner sent cannot be read; its connection is closed. */
  readonly onError: (error: unknown) => void;
}

/** Carries a runner over a connection of frames, until either side ends it. */
export function carryFrames({ engine, caller, socket, stopping, onError }: CarryFramesParams): void {
  const reader = new WorkFrameReader();
  const runner = engine.attachRunner({
    send: (frame) => writeSoon(socket, writeWorkFrame(toBinary(WorkResponseSchema, create(WorkResponseSchema, frame)))),
  });
  let isFirst = true;
  socket.on("data", (chunk: Buffer) => {
    try {
      for (const message of reader.push(chunk)) {
        const frame = fromBinary(WorkRequestSchema, message);
        if (isFirst) checkHello(frame, caller);
        isFirst = false;
        runner.receive(frame);
      }
    } catch (error) {
      onError(error);
      socket.destroy();
    }
  });
  const stop = () => socket.end();
  stopping.addEventListener("abort", stop, { once: true });
  socket.once("end", stop);
  socket.once("close", () => {
    stopping.removeEventListener("abort", stop);
    runner.closed();
  });
  if (stopping.aborted) stop();
}

/** What is said in one round of the event loop leaves in one system call: each wakes the other side. */
function writeSoon(socket: Duplex, bytes: Uint8Array): void {
  if (socket.writableCorked === 0) {
    socket.cork();
    setImmediate(() => socket.uncork());
  }
  socket.write(bytes);
}
