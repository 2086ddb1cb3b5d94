import { StigmerError } from "@stigmer/api";

/** A frame of a Connect stream. */
export interface Frame {
  /** The last frame of a stream: JSON that may hold an error. */
  readonly isEnd: boolean;
  readonly payload: Uint8Array;
}

const HEAD_BYTES = 5;
const END_FLAG = 2;
const COMPRESSED_FLAG = 1;

/** One frame around a message. */
export function writeFrame(payload: Uint8Array): Uint8Array {
  const frame = Buffer.alloc(HEAD_BYTES + payload.length);
  frame.writeUInt32BE(payload.length, 1);
  frame.set(payload, HEAD_BYTES);
  return frame;
}

/**
 * Cuts a stream of bytes into frames.
 *
 * @throws {StigmerError} SERVER_UNREACHABLE when the stream ends inside a frame or before its last one
 */
export async function* readFrames(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Frame> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of chunks) {
    rest = rest.length === 0 ? Buffer.from(chunk) : Buffer.concat([rest, chunk]);
    for (;;) {
      const frame = cutFrame(rest);
      if (frame === undefined) break;
      rest = rest.subarray(HEAD_BYTES + frame.payload.length);
      yield frame;
      if (frame.isEnd) return;
    }
  }
  throw new StigmerError({ reason: "SERVER_UNREACHABLE", message: "Cannot go on: the server ended the stream early" });
}

function cutFrame(bytes: Buffer): Frame | undefined {
  if (bytes.length < HEAD_BYTES) return undefined;
  const flags = bytes.readUInt8(0);
  const end = HEAD_BYTES + bytes.readUInt32BE(1);
  if ((flags & COMPRESSED_FLAG) !== 0) {
    throw new StigmerError({ reason: "INTERNAL", message: "Cannot read the stream: a frame is compressed" });
  }
  if (bytes.length < end) return undefined;
  return { isEnd: (flags & END_FLAG) !== 0, payload: bytes.subarray(HEAD_BYTES, end) };
}
