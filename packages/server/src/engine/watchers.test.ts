import type { LeaseFrame } from "@stigmer/api";
import { beforeEach, describe, expect, test } from "vitest";
import { PHASE } from "../store/engine/execution-row.ts";
import { createMemoryDatabase } from "../store/memory-database.ts";
import { createEngine, type Engine } from "./engine.ts";
import { completed, entry, ScriptedRunner } from "./scripted-runner.testsuite.ts";
import type { WatchParams, WatchUpdate } from "./watchers.ts";

let engine: Engine;
let runner: ScriptedRunner;
let lease: LeaseFrame;
let id = "";

beforeEach(async () => {
  engine = createEngine({
    store: createMemoryDatabase().open(),
    resolveDefinition: () => ({ failure: { type: "x", status: 1 } }),
  });
  runner = new ScriptedRunner(engine);
  runner.connect();
  const spec = {
    program: "workflow",
    namespace: "default",
    kind: "Workflow",
    name: "w",
    digest: "",
    definition: "{}",
    input: {},
  };
  id = (await engine.start({ spec })).id;
  lease = await runner.lease(id);
});

async function collect(params: WatchParams = {}): Promise<readonly WatchUpdate[]> {
  const updates: WatchUpdate[] = [];
  for await (const update of engine.watch(id, params)) updates.push(update);
  return updates;
}

const eventSeqs = (updates: readonly WatchUpdate[]): number[] =>
  updates.flatMap((one) => (one.kind === "event" ? [one.event.seq] : []));

/** An entry with one reported line. */
function reporting(seq: number) {
  const events = [{ index: BigInt(seq), atMs: 1n, type: "log", data: String(seq) }];
  return { ...entry(lease, seq, "result", `k${seq}`, { call: "x", digest: "d", ok: seq }), events } as ReturnType<
    typeof entry
  >;
}

describe("watch()", () => {
  test("begins with a snapshot and ends with one of the final phase", async () => {
    const watching = collect();
    runner.send({ entries: [completed(lease, 2, 1)] });
    const updates = await watching;
    expect(updates[0]).toMatchObject({ kind: "snapshot", execution: { id, phase: PHASE.running } });
    expect(updates.at(-1)).toMatchObject({ kind: "snapshot", execution: { phase: PHASE.completed, output: "1" } });
    expect(updates.flatMap((one) => (one.kind === "event" ? [one.event.type] : []))).toEqual([
      "execution.created",
      "execution.started",
      "execution.completed",
    ]);
  });

  test("has no gap and no duplicate for many watchers under load, from any number on", async () => {
    const watchers = Array.from({ length: 50 }, (_, i) => collect({ afterSeq: i % 3 }));
    for (let seq = 2; seq <= 600; seq++) {
      runner.send({ entries: [reporting(seq)] });
      if (seq % 50 === 0) await runner.acked(lease, seq);
    }
    runner.send({ entries: [completed(lease, 601)] });
    const all = await Promise.all(watchers);
    all.forEach((updates, i) => {
      const expected = Array.from({ length: 602 - (i % 3) }, (_, n) => n + 1 + (i % 3));
      expect(eventSeqs(updates)).toEqual(expected);
    });
    expect(engine.stats().watchers).toBe(0);
  });

  test("gives a slow reader everything", async () => {
    const watching = engine.watch(id);
    await watching.next();
    for (let seq = 2; seq <= 300; seq++) runner.send({ entries: [reporting(seq)] });
    runner.send({ entries: [completed(lease, 301)] });
    await runner.acked(lease, 301);
    const rest: WatchUpdate[] = [];
    for await (const update of watching) rest.push(update);
    expect(eventSeqs(rest)).toHaveLength(302);
  });

  test("ends for a reader that goes, and for an aborted one", async () => {
    for await (const _ of engine.watch(id)) break;
    const controller = new AbortController();
    const watching = collect({ signal: controller.signal });
    controller.abort();
    expect((await watching).length).toBeGreaterThan(0);
    expect(engine.stats().watchers).toBe(0);
  });

  test("yields nothing for an unknown id", async () => {
    expect(await engine.watch("wex_0").next()).toEqual({ done: true, value: undefined });
  });

  test("carries model text with offsets, also to one who comes late", async () => {
    const token = (offset: number, text: string) => ({
      execution: lease.execution ?? 0n,
      key: "m",
      offset: BigInt(offset),
      text,
    });
    runner.send({ tokens: [token(0, "Hel")] });
    const watching = engine.watch(id, { plane: "tokens" });
    const texts: string[] = [];
    for await (const update of watching) {
      if (update.kind !== "token") continue;
      texts.push(`${update.token.offset}:${update.token.text}`);
      if (texts.length === 1) runner.send({ tokens: [token(3, "lo"), token(5, "!")] });
      if (texts.join("").includes("!")) break;
    }
    expect(texts).toEqual(["0:Hel", "3:lo!"]);
  });

  test("begins a text anew with another attempt", async () => {
    const token = (offset: number, text: string) => ({
      execution: lease.execution ?? 0n,
      key: "m",
      offset: BigInt(offset),
      text,
    });
    runner.send({ tokens: [token(0, "first")] });
    const watching = engine.watch(id, { plane: "tokens" });
    const texts: string[] = [];
    for await (const update of watching) {
      if (update.kind !== "token") continue;
      texts.push(`${update.token.offset}:${update.token.text}`);
      if (texts.length === 2) break;
      runner.send({ tokens: [token(0, "second")] });
    }
    expect(texts).toEqual(["0:first", "0:second"]);
  });
});
