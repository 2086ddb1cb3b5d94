import { spawn } from "node:child_process";
import { once } from "node:events";
import { rmSync } from "node:fs";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { PHASE } from "../store/engine/execution-row.ts";
import { openDatabase } from "../store/open-database.ts";
import { pragma } from "../store/pragmas.ts";
import type { Store } from "../store/store.ts";
import { makeTestFolder } from "../test-folder.testsuite.ts";
import { createEngine, type Engine } from "./engine.ts";
import { ManualClock } from "./manual-clock.testsuite.ts";
import { completed, ScriptedRunner } from "./scripted-runner.testsuite.ts";

const STARTER = path.join(import.meta.dirname, "start-many.testsuite.ts");
let home = "";
let dataDir = "";
beforeEach(() => {
  home = makeTestFolder();
  dataDir = path.join(home, "data");
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

/** Runs the starter until `until` lines came, then kills it; resolves with its complete lines. */
async function startUntil(
  until: number,
  command: readonly string[],
): Promise<{ lines: string[]; code: number | null }> {
  const child = spawn(command[0] ?? "", command.slice(1), { stdio: ["ignore", "pipe", "inherit"] });
  let text = "";
  child.stdout.on("data", (chunk) => {
    text += String(chunk);
    if (text.split("\n").length > until) child.kill("SIGKILL");
  });
  const [code] = await once(child, "close");
  return { lines: text.split("\n").slice(0, -1), code };
}

const engineOf = (store: Store): Engine =>
  createEngine({ store, resolveDefinition: () => ({ failure: { type: "x", status: 1 } }) });

describe("what was acknowledged", () => {
  test("is there after kill -9, three times in a row", { timeout: 60_000 }, async () => {
    const acknowledged: string[] = [];
    for (let round = 0; round < 3; round++) {
      const { lines } = await startUntil(200, [process.execPath, STARTER, dataDir]);
      acknowledged.push(...lines);
      const store = await openDatabase({ dataDir });
      const engine = engineOf(store);
      expect(acknowledged.filter((id) => engine.get(id) === undefined)).toEqual([]);
      const lacking = store.read.get(
        "select count(*) as n from execution e where not exists (select 1 from journal j where j.execution = e.no)",
      );
      expect(lacking).toEqual({ n: 0 });
      expect(pragma(store.read.raw, "integrity_check")).toBe("ok");
      await store.close();
    }
    expect(acknowledged.length).toBeGreaterThan(500);
  });

  test("is there after the disk was full, and the process says so", { timeout: 60_000 }, async () => {
    const command = ["/bin/bash", "-c", `ulimit -f 3000; exec "${process.execPath}" "${STARTER}" "${dataDir}" 2000`];
    const { lines, code } = await startUntil(1_000_000, command);
    expect(code).toBe(74);
    expect(lines.filter((line) => line.startsWith("failed"))).toHaveLength(1);
    const ids = lines.filter((line) => line.startsWith("wex_"));
    expect(ids.length).toBeGreaterThan(50);
    const store = await openDatabase({ dataDir });
    const engine = engineOf(store);
    expect(ids.filter((id) => engine.get(id) === undefined)).toEqual([]);
    await store.close();
  });
});

const spec = {
  program: "workflow",
  namespace: "default",
  kind: "Workflow",
  name: "w",
  digest: "",
  definition: "{}",
  input: {},
};

describe("crowds", () => {
  test("a backlog of 10,000 starts survives a restart and drains", { timeout: 60_000 }, async () => {
    const first = await openDatabase({ dataDir });
    const before = engineOf(first);
    await Promise.all(Array.from({ length: 10_000 }, () => before.start({ spec })));
    expect(before.stats().backlog).toBe(10_000);
    await first.close();
    const store = await openDatabase({ dataDir });
    const engine = engineOf(store);
    expect(engine.stats().backlog).toBe(10_000);
    const runner = new ScriptedRunner(engine);
    runner.onLease = (lease) => void setImmediate(() => runner.send({ entries: [completed(lease, 2)] }));
    runner.connect(100);
    await reached(store, PHASE.completed, 10_000);
    await store.close();
  });

  test("10,000 timers that are due at once all fire, once each", { timeout: 60_000 }, async () => {
    const store = await openDatabase({ dataDir });
    const clock = new ManualClock();
    const engine = createEngine({ store, clock, resolveDefinition: () => ({ failure: { type: "x", status: 1 } }) });
    const runner = new ScriptedRunner(engine);
    const dueAtMs = BigInt(clock.now() + 60_000);
    runner.onLease = (lease) =>
      void setImmediate(() => {
        const { execution = 0n, epoch = 0 } = lease;
        if (epoch === 1) runner.send({ parks: [{ execution, epoch, lastSeq: 1n, dueAtMs }] });
        else runner.send({ entries: [completed(lease, 2)] });
      });
    runner.connect(200);
    await Promise.all(Array.from({ length: 10_000 }, () => engine.start({ spec })));
    await reached(store, PHASE.waiting, 10_000);
    const done = reached(store, PHASE.completed, 10_000);
    let isDone = false;
    void done.then(() => {
      isDone = true;
    });
    clock.jump(3_600_000);
    while (!isDone) await clock.advance(1_000);
    expect(store.read.get("select max(epoch) as most from execution")).toEqual({ most: 2 });
    await store.close();
  });
});

/** Waits until so many executions have this phase. */
function reached(store: Store, phase: number, count: number): Promise<void> {
  return new Promise((resolve) => {
    const look = (): void => {
      if (store.read.get<{ n: number }>("select count(*) as n from execution where phase = ?", phase)?.n === count)
        resolve();
    };
    store.afterGroup(look);
    look();
  });
}
