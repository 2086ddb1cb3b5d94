import { describe, expect, test } from "vitest";
import { MAX_FRAME_BYTES, WorkFrameReader, writeWorkFrame } from "./work-frames.ts";

const MESSAGES = [[1, 2, 3], [], [4], Array.from({ length: 300 }, (_, at) => at % 256)].map((one) =>
  Uint8Array.from(one),
);

function joined(parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

describe("WorkFrameReader", () => {
  test.each([1, 2, 3, 5, 7, 100, 1_000])("finds the messages in chunks of %i bytes", (size) => {
    const bytes = joined(MESSAGES.map(writeWorkFrame));
    const reader = new WorkFrameReader();
    const found: Uint8Array[] = [];
    for (let at = 0; at < bytes.length; at += size) found.push(...reader.push(bytes.subarray(at, at + size)));
    expect(found.map((message) => [...message])).toEqual(MESSAGES.map((message) => [...message]));
  });

  test("refuses a length that nobody may send", () => {
    const head = new Uint8Array(4);
    new DataView(head.buffer).setUint32(0, MAX_FRAME_BYTES + 1);
    expect(() => new WorkFrameReader().push(head)).toThrow(RangeError);
  });
});
