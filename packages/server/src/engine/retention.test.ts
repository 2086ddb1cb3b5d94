import { rmSync } from "node:fs";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openDatabase } from "../store/open-database.ts";
import type { Store } from "../store/store.ts";
import { makeTestFolder } from "../test-folder.testsuite.ts";
import { createEngine, type Engine } from "./engine.ts";
import { ManualClock } from "./manual-clock.testsuite.ts";
import { Retention, type RetentionPolicy } from "./retention.ts";
import { completed, entry, ScriptedRunner } from "./scripted-runner.testsuite.ts";

const DAY_MS = 86_400_000;
let home = "";
let store: Store;
let clock: ManualClock;
let engine: Engine;
let runner: ScriptedRunner;

beforeEach(async () => {
  home = makeTestFolder();
  store = await openDatabase({ dataDir: path.join(home, "data") });
  clock = new ManualClock();
  engine = createEngine({ store, clock, resolveDefinition: () => ({ failure: { type: "x", status: 1 } }) });
  runner = new ScriptedRunner(engine);
  runner.connect(1_000);
});
afterEach(async () => {
  await store.close();
  rmSync(home, { recursive: true, force: true });
});

const retention = (policy: Partial<RetentionPolicy> = {}, removed: string[] = []): Retention =>
  new Retention({ store, clock, policy, onRemoved: (ids) => removed.push(...ids) });

const spec = {
  program: "workflow",
  namespace: "default",
  kind: "Workflow",
  name: "w",
  digest: "",
  definition: "{}",
  input: {},
};

async function finished(results = 3, size = 10): Promise<string> {
  const { id } = await engine.start({ spec, idempotency: { key: `k${Math.random()}`, digest: "d" } });
  const lease = await runner.lease(id);
  const entries = Array.from({ length: results }, (_, i) =>
    entry(lease, i + 2, "result", `r${i}`, {
      call: "x",
      digest: "d",
      ok: `${lease.executionId}${i}${"x".repeat(size)}`,
    }),
  );
  runner.send({ entries: [...entries, completed(lease, results + 2, "y".repeat(size))] });
  await runner.acked(lease, results + 2);
  return id;
}

const count = (table: string): number => Number(store.read.get<{ n: number }>(`select count(*) as n from ${table}`)?.n);

describe("Retention", () => {
  test("removes journals of finished executions first, then the executions", async () => {
    const id = await finished();
    await retention().run();
    expect(count("journal")).toBe(5);
    await clock.advance(8 * DAY_MS);
    await retention().run();
    expect([count("journal"), count("event")]).toEqual([0, 3]);
    expect(engine.get(id)?.output).toBe('"yyyyyyyyyy"');
    await clock.advance(23 * DAY_MS);
    const removed: string[] = [];
    await retention({}, removed).run();
    expect(removed).toEqual([id]);
    expect(["execution", "event", "blob_ref", "idempotency", "inbox"].map(count)).toEqual([0, 0, 0, 0, 0]);
  });

  test("never removes what has not ended", async () => {
    const { id } = await engine.start({ spec });
    await clock.advance(100 * DAY_MS);
    await retention({ maxBytes: 0 }).run();
    expect(engine.get(id)).toBeDefined();
    expect(count("journal")).toBe(1);
  });

  test("removes the oldest finished ones above the size", async () => {
    const ids: string[] = [];
    for (let i = 0; i < 6; i++) {
      ids.push(await finished(60, 20_000));
      await clock.advance(1_000);
    }
    await clock.advance(2 * 3_600_000);
    const before = retention().sizeBytes();
    const removed: string[] = [];
    await retention({ maxBytes: before * 0.6 }, removed).run();
    expect(removed.length).toBeGreaterThan(1);
    expect(removed.length).toBeLessThan(6);
    expect(removed).toEqual(ids.slice(0, removed.length));
    expect(retention().sizeBytes()).toBeLessThanOrEqual(before * 0.6);
  });

  test("removes blobs that nothing names after the grace, files too, and keeps the others", async () => {
    const id = await finished(1, 400_000);
    await clock.advance(2 * 3_600_000);
    const blobs = count("blob");
    await retention().run();
    expect(count("blob")).toBe(blobs);
    const output = engine.get(id)?.output;
    expect(output).toHaveLength(400_002);
    await clock.advance(40 * DAY_MS);
    await retention().run();
    expect([count("blob"), store.blobFiles.list(Number.MAX_SAFE_INTEGER).length]).toEqual([0, 0]);
  });

  test("drops files whose group was lost", async () => {
    await store.write(
      "putBlob",
      { digest: `sha256:${"a".repeat(64)}`, sizeBytes: 1, content: null, nowMs: 0 },
      {
        files: [{ digest: `sha256:${"b".repeat(64)}`, bytes: new Uint8Array([1]) }],
      },
    );
    expect(store.blobFiles.list(Number.MAX_SAFE_INTEGER)).toHaveLength(1);
    await new Retention({ store, clock: { now: () => Date.now() + DAY_MS, after: () => () => {} } }).run();
    expect(store.blobFiles.list(Number.MAX_SAFE_INTEGER)).toHaveLength(0);
  });

  test("works in slices that keep the writer for less than 10 ms at the median", async () => {
    for (let i = 0; i < 40; i++) await finished(100, 50);
    await clock.advance(40 * DAY_MS);
    const times: number[] = [];
    const timed: Store = {
      ...store,
      write: async (name, params, extras) => {
        const startedAt = performance.now();
        const result = await store.write(name, params, extras);
        times.push(performance.now() - startedAt);
        return result;
      },
    };
    const { executions, rows } = await new Retention({ store: timed, clock }).run();
    expect([executions, count("execution")]).toEqual([40, 0]);
    expect(rows).toBeGreaterThan(4_000);
    expect(times.length).toBeGreaterThan(20);
    expect(times.sort((a, b) => a - b)[times.length >> 1]).toBeLessThan(10);
  });
});
