import type { MemoryExecution, MemoryHostOptions } from "@stigmer/durable";
import { afterAll, describe, expect, test } from "vitest";
import { type CorpusCase, interpreterCorpus } from "./corpus.testsuite.ts";
import { type CorpusRun, runInMemory } from "./memory-run.testsuite.ts";

/** The outcome of an effect of class `unknown` is lost by a crash, so those runs end otherwise. */
const corpus = interpreterCorpus().filter((entry) => !JSON.stringify(entry.definition).includes('"onCrash":"unknown"'));

describe("a crash between any two journal entries", () => {
  test.each(corpus)("$name", async (entry) => {
    const whole = await runInMemory(entry);
    const entries = whole.execution.journal.length;
    for (let count = 1; count < entries; count += 1) {
      const run = await runWithCrash(entry, (execution) => execution.journal.length >= count);
      expectSame(run, whole);
    }
  });
});

describe("a snapshot and a restore at any point", () => {
  let points = 0;

  afterAll(() => {
    expect(points).toBeGreaterThan(corpus.length);
  });

  test.each(corpus)("$name", async (entry) => {
    const whole = await runInMemory(entry);
    for (let point = 1; ; point += 1) {
      let offers = 0;
      const options = { wantsSnapshot: () => ++offers === point };
      const run = await runWithCrash(entry, ({ journal }) => journal[0]?.kind === "snapshot", options);
      expectSame(run, whole);
      if (offers < point) break;
      points += 1;
    }
  });
});

describe("crashes and snapshots by chance", () => {
  test.each(corpus)("$name", async (entry) => {
    const whole = await runInMemory(entry);
    for (let seed = 1; seed <= 10; seed += 1) {
      const run = await runInMemory(entry, { chaos: { seed, rate: 0.3 }, wantsSnapshot: () => true });
      expectSame(run, whole);
    }
  });
});

/** Crashes the run once, as soon as `isTime` says so. */
function runWithCrash(
  entry: CorpusCase,
  isTime: (execution: MemoryExecution) => boolean,
  options: Partial<MemoryHostOptions> = {},
): Promise<CorpusRun> {
  let hasCrashed = false;
  let current: MemoryExecution | undefined;
  const settle = (done: () => void) =>
    void setImmediate(() => {
      if (!hasCrashed && current !== undefined && isTime(current)) {
        hasCrashed = true;
        current.crash();
      }
      done();
    });
  return runInMemory(entry, { ...options, settle }, (execution) => {
    current = execution;
  });
}

/** Equal results and equal event logs; times and ids are those of the moment. */
function expectSame(run: CorpusRun, whole: CorpusRun): void {
  expect(run.end).toEqual(whole.end);
  expect(run.elapsedMs).toBe(whole.elapsedMs);
  expect(said(run)).toEqual(said(whole));
}

/**
 * The event log by branch: the order between branches is the moment's. Without ids of emitted events: a crash before the
 * first entry draws another seed.
 */
function said({ execution }: CorpusRun): Readonly<Record<string, unknown[]>> {
  const branches: Record<string, unknown[]> = {};
  for (const { type, data } of execution.events) {
    const text = JSON.stringify(data).replace(/"id":"[0-9a-f-]{36}"/, "");
    const reference = /"reference":"([^"]*)"/.exec(text)?.[1] ?? type;
    const branch = /^.*\/fork\/branches\/\d+/.exec(reference)?.[0] ?? (text.includes('"reference"') ? "" : type);
    branches[branch] = [...(branches[branch] ?? []), { type, text }];
  }
  return branches;
}
