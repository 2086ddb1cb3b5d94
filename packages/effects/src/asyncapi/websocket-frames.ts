import { randomBytes } from "node:crypto";

/** A complete frame as it came. */
export interface Frame {
  readonly opcode: number;
  readonly isFinal: boolean;
  readonly payload: Buffer;
}

/** Kinds of frames. @see RFC 6455 section 5.2 */
export const OPCODE = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

/** A frame as a client sends it: final and masked. */
export function writeFrame(opcode: number, payload: Buffer): Buffer {
  const mask = randomBytes(4);
  const masked = Buffer.from(payload);
  for (let at = 0; at < masked.length; at++) masked[at] = (masked[at] ?? 0) ^ (mask[at % 4] ?? 0);
  return Buffer.concat([writeHead(opcode, payload.length), mask, masked]);
}

function writeHead(opcode: number, length: number): Buffer {
  if (length < 126) return Buffer.from([0x80 | opcode, 0x80 | length]);
  const head = Buffer.alloc(length < 65_536 ? 4 : 10);
  head[0] = 0x80 | opcode;
  if (length < 65_536) {
    head[1] = 0x80 | 126;
    head.writeUInt16BE(length, 2);
  } else {
    head[1] = 0x80 | 127;
    head.writeBigUInt64BE(BigInt(length), 2);
  }
  return head;
}

/**
 * Takes the first frame off `bytes`; undefined while it is not complete.
 *
 * @throws {Error} for a masked frame, which no server may send, and one larger than `maxBytes`
 */
export function readFrame(
  bytes: Buffer,
  maxBytes: number,
): { readonly frame: Frame; readonly rest: Buffer } | undefined {
  if (bytes.length < 2) return undefined;
  const [first = 0, second = 0] = bytes;
  if ((second & 0x80) !== 0) throw new Error("the server masks its frames");
  if ((first & 0x70) !== 0) throw new Error("the server uses an extension that was not agreed on");
  const short = second & 0x7f;
  const start = short === 126 ? 4 : short === 127 ? 10 : 2;
  if (bytes.length < start) return undefined;
  const length = short === 126 ? bytes.readUInt16BE(2) : short === 127 ? Number(bytes.readBigUInt64BE(2)) : short;
  if (length > maxBytes) throw new Error(`a message is larger than ${maxBytes} bytes`);
  if (bytes.length < start + length) return undefined;
  const payload = bytes.subarray(start, start + length);
  return {
    frame: { opcode: first & 0x0f, isFinal: (first & 0x80) !== 0, payload },
    rest: bytes.subarray(start + length),
  };
}
