import type { EntryFrame, EventFrame, RunnerFrame } from "@stigmer/api";
import { describe, expect, test } from "vitest";
import { eventText, isTooLarge, MAX_ENTRY_BYTES, splitFrame } from "./frame-sizes.ts";

const line = (index: number, size: number): EventFrame => ({ index: BigInt(index), data: "x".repeat(size) });
const entry = (seq: number, size: number, events: EventFrame[] = []): EntryFrame => ({
  execution: 1n,
  epoch: 1,
  seq: BigInt(seq),
  body: "x".repeat(size),
  events,
});

/** What a server reads from the frames, in its order: lines by index, entries by sequence. */
function read(frames: readonly RunnerFrame[]): readonly string[] {
  return frames.flatMap(({ entries = [], events = [] }) => [
    ...entries.flatMap((one) => [...(one.events ?? []).map(({ index }) => `line ${index}`), `entry ${one.seq}`]),
    ...events.flatMap((batch) => (batch.events ?? []).map(({ index }) => `line ${index}`)),
  ]);
}

describe("splitFrame()", () => {
  test("gives a usual frame back as it is", () => {
    const frame = { entries: [entry(1, 10)], parks: [{ execution: 1n }] };
    expect(splitFrame(frame)).toEqual([frame]);
    expect(splitFrame(frame)[0]).toBe(frame);
  });

  test("parts many entries, hello first and releases last", () => {
    const hello = { component: "c", instance: "i" };
    const releases = [{ execution: 1n, epoch: 1 }];
    const entries = Array.from({ length: 10 }, (_, at) => entry(at + 1, 700_000, [line(at + 1, 10)]));
    const frames = splitFrame({ hello, entries, releases });
    expect(frames.length).toBeGreaterThan(3);
    expect(frames.map((frame) => frame.hello !== undefined)).toEqual(frames.map((_, at) => at === 0));
    expect(frames.map((frame) => frame.releases !== undefined)).toEqual(
      frames.map((_, at) => at === frames.length - 1),
    );
    expect(read(frames)).toEqual(entries.flatMap((_, at) => [`line ${at + 1}`, `entry ${at + 1}`]));
  });

  test("sends lines that do not fit beside their entry before it", () => {
    const lines = Array.from({ length: 30 }, (_, at) => line(at + 1, 200_000));
    const frames = splitFrame({
      entries: [entry(1, 10, lines)],
      events: [{ execution: 1n, epoch: 1, events: [line(31, 10)] }],
    });
    expect(read(frames)).toEqual([...lines.map(({ index }) => `line ${index}`), "entry 1", "line 31"]);
    for (const frame of frames)
      expect(
        JSON.stringify(frame, (_, value) => (typeof value === "bigint" ? Number(value) : value)).length,
      ).toBeLessThan(5 << 20);
  });
});

describe("eventText()", () => {
  test("keeps what is small and names what is not", () => {
    expect(eventText({ name: "a", output: [1] })).toBe('{"name":"a","output":[1]}');
    const cut = eventText({ name: "a", reference: "/do/0/a", output: "x".repeat(300_000) });
    expect(JSON.parse(cut)).toEqual({ name: "a", reference: "/do/0/a", truncated: ["output"] });
    expect(eventText("x".repeat(300_000))).toBe('{"truncated":[]}');
  });
});

test.each([
  ["x".repeat(MAX_ENTRY_BYTES), false],
  ["x".repeat(MAX_ENTRY_BYTES + 1), true],
  ["é".repeat(MAX_ENTRY_BYTES / 2 + 1), true],
  ["{}", false],
])("isTooLarge() counts bytes (%#)", (body, expected) => {
  expect(isTooLarge(body)).toBe(expected);
});
