import { rmSync } from "node:fs";
import path from "node:path";
import { isStigmerError } from "@stigmer/api";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { PHASE } from "../store/engine/execution-row.ts";
import { openDatabase } from "../store/open-database.ts";
import type { Store } from "../store/store.ts";
import { makeTestFolder } from "../test-folder.testsuite.ts";
import { createEngine, type Engine } from "./engine.ts";
import type { ExecutionSpec } from "./execution-spec.ts";
import { completed, entry, ScriptedRunner } from "./scripted-runner.testsuite.ts";

let home = "";
let store: Store;
let engine: Engine;
let runner: ScriptedRunner;

beforeEach(async () => {
  home = makeTestFolder();
  store = await openDatabase({ dataDir: path.join(home, "data") });
  engine = createEngine({ store, resolveDefinition: () => ({ failure: { type: "about:blank", status: 404 } }) });
  runner = new ScriptedRunner(engine);
});
afterEach(async () => {
  await store.close();
  rmSync(home, { recursive: true, force: true });
});

const spec = (name = "hello"): ExecutionSpec => ({
  program: "workflow",
  namespace: "default",
  kind: "Workflow",
  name,
  digest: "sha256:1",
  definition: '{"do":[]}',
  input: { input: { a: 1 } },
});

describe("Engine", () => {
  test("carries an execution from start to completion", async () => {
    runner.connect();
    const started = await engine.start({ spec: spec() });
    const lease = await runner.lease(started.id);
    expect(JSON.parse(lease.input ?? "")).toEqual({
      definition: { do: [] },
      execution: { id: started.id, namespace: "default", startedAtMs: started.createdAtMs },
      input: { a: 1 },
    });
    expect(lease.journal?.map((one) => one.kind)).toEqual(["start"]);
    runner.send({ entries: [entry(lease, 2, "result", "a", { call: "http", digest: "d", ok: 1 })] });
    await runner.acked(lease, 2);
    runner.send({ entries: [completed(lease, 3, { done: true })] });
    await runner.acked(lease, 3);
    const ended = engine.get(started.id);
    expect(ended?.phase).toBe(PHASE.completed);
    expect(ended?.output).toBe('{"done":true}');
  });

  test("pays one commit for a start with its lease and one per result", async () => {
    runner.connect();
    const before = store.stats().groups;
    const started = await engine.start({ spec: spec() });
    const lease = await runner.lease(started.id);
    for (let seq = 2; seq <= 10; seq++) {
      runner.send({ entries: [entry(lease, seq, "result", `k${seq}`, { call: "x", digest: "d", ok: seq })] });
      await runner.acked(lease, seq);
    }
    runner.send({
      entries: [entry(lease, 11, "result", "k11", { call: "x", digest: "d", ok: 1 }), completed(lease, 12)],
    });
    await runner.acked(lease, 12);
    expect(store.stats().groups - before).toBe(11);
  });

  test("gives the first answer to the same key and refuses another request", async () => {
    const first = await engine.start({ spec: spec(), idempotency: { key: "k", digest: "one" } });
    const again = await engine.start({ spec: spec(), idempotency: { key: "k", digest: "one" } });
    expect(again.id).toBe(first.id);
    const refused: unknown = await engine
      .start({ spec: spec(), idempotency: { key: "k", digest: "two" } })
      .catch((e: unknown) => e);
    expect(isStigmerError(refused, "IDEMPOTENCY_KEY_REUSED")).toBe(true);
  });

  test("refuses entries of an old epoch", async () => {
    runner.connect();
    const started = await engine.start({ spec: spec() });
    const lease = await runner.lease(started.id, 1);
    const other = new ScriptedRunner(engine, "runner-2");
    other.connect();
    runner.disconnect();
    engine.runnerGone("runner-1");
    await other.lease(started.id, 2);
    runner.connect();
    runner.send({ entries: [completed(lease, 2)] });
    await runner.refused(lease);
    expect(engine.get(started.id)?.phase).toBe(PHASE.running);
  });
});
