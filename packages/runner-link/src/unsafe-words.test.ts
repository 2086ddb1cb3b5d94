import type { JournalEntry } from "@stigmer/durable";
import { describe, expect, test } from "vitest";
import { UnsafeWords } from "./unsafe-words.ts";

const entry = (seq: number): JournalEntry => ({ seq, atMs: 1, kind: "result", key: `k${seq}`, body: "{}" });
const indexes = (events: readonly { readonly index?: bigint }[] = []) => events.map(({ index }) => Number(index));

function words() {
  const unsafe = new UnsafeWords({ execution: 7n, epoch: 2 }, 1);
  let index = 0;
  const report = () => unsafe.report({ index: ++index, atMs: 1, type: "t", data: null });
  return { unsafe, report };
}

describe("UnsafeWords", () => {
  test("an entry takes the reports before it along", () => {
    const { unsafe, report } = words();
    report();
    report();
    const frame = unsafe.append(entry(2));
    expect(frame).toMatchObject({ execution: 7n, epoch: 2, seq: 2n, kind: "result", key: "k2" });
    expect(indexes(frame.events)).toEqual([1, 2]);
    expect(unsafe.takeBatch()).toBeUndefined();
  });

  test("a new stream hears everything that is not safe, lines in order", () => {
    const { unsafe, report } = words();
    report();
    unsafe.takeBatch();
    report();
    unsafe.append(entry(2));
    report();
    unsafe.takeBatch();
    report();
    unsafe.append(entry(3));
    report();
    unsafe.takeBatch();
    const all = unsafe.resend();
    expect(all.entries.map(({ events }) => indexes(events))).toEqual([
      [1, 2],
      [3, 4],
    ]);
    expect(all.events.map(({ events }) => indexes(events))).toEqual([[5]]);
    unsafe.acknowledge(2);
    const rest = unsafe.resend();
    expect(rest.entries.map(({ events }) => indexes(events))).toEqual([[3, 4]]);
    unsafe.acknowledge(3);
    expect(unsafe.resend()).toMatchObject({ entries: [], events: [{ execution: 7n, epoch: 2 }] });
    expect(unsafe.hasEntries).toBe(false);
  });
});
