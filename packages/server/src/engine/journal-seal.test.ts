import { randomBytes } from "node:crypto";
import { readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import path from "node:path";
import type { LeaseFrame } from "@stigmer/api";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { sealWith } from "../secrets/seal-with.ts";
import { createVault, KEY_BYTES } from "../secrets/vault.ts";
import { PHASE } from "../store/engine/execution-row.ts";
import { openDatabase } from "../store/open-database.ts";
import type { Store } from "../store/store.ts";
import { makeTestFolder } from "../test-folder.testsuite.ts";
import { createEngine, type Engine } from "./engine.ts";
import { type JournalSeal, openBody, sealBody } from "./journal-seal.ts";
import { completed, entry, ScriptedRunner } from "./scripted-runner.testsuite.ts";

const VALUE = "s3cr3t-that-nobody-else-knows";
const newSeal = (): JournalSeal => sealWith(createVault(randomBytes(KEY_BYTES)));

let home = "";
let store: Store;
let engine: Engine;
let runner: ScriptedRunner;

/** A server's engine over the same files, as after a restart. */
async function open(seal: JournalSeal | undefined): Promise<void> {
  store = await openDatabase({ dataDir: home });
  const resolveDefinition = () => ({ failure: { type: "x", status: 1 } });
  engine = createEngine({ store, resolveDefinition, ...(seal ? { seal } : {}) });
  runner = new ScriptedRunner(engine);
}

async function close(): Promise<void> {
  runner.disconnect();
  engine.runnerGone(runner.instance);
  await engine.stop();
  await store.close();
}

async function begin(definition: object): Promise<{ id: string; lease: LeaseFrame }> {
  runner.connect();
  const target = { program: "workflow", namespace: "default", kind: "Workflow", name: "w", digest: "sha256:1" };
  const { id } = await engine.start({ spec: { ...target, definition: JSON.stringify(definition), input: {} } });
  return { id, lease: await runner.lease(id) };
}

/** Whether any file of the data folder has this text, the write-ahead log and blobs among them. */
function isOnDisk(text: string): boolean {
  return readdirSync(home, { recursive: true, encoding: "utf8" })
    .map((name) => path.join(home, name))
    .some((file) => statSync(file).isFile() && readFileSync(file).includes(text));
}

const WITH_SECRETS = { use: { secrets: ["token"] } };

describe("a revealed secret", () => {
  beforeEach(() => {
    home = makeTestFolder();
  });
  afterEach(async () => {
    await close();
    rmSync(home, { recursive: true, force: true });
  });

  test.each([
    { where: "a row", length: 1 },
    { where: "a blob in the database", length: 3_000 },
    { where: "a blob in a file", length: 300_000 },
  ])("stays out of the files as $where, and a restart replays it", async ({ length }) => {
    const seal = newSeal();
    await open(seal);
    const { id, lease } = await begin(WITH_SECRETS);
    const plain = entry(lease, 2, "result", "a", { call: "http", digest: "d", ok: "stands-in-clear" });
    const secret = entry(lease, 3, "result", "b", { call: "secrets", digest: "d", ok: VALUE + "x".repeat(length) });
    runner.send({ entries: [plain, secret] });
    await runner.acked(lease, 3);
    expect([isOnDisk("stands-in-clear"), isOnDisk(VALUE)]).toEqual([true, false]);
    await close();
    expect(isOnDisk(VALUE)).toBe(false);

    await open(seal);
    runner.connect();
    const again = await runner.lease(id);
    expect(again.journal?.slice(1).map((one) => one.body)).toEqual([plain.body, secret.body]);
    runner.send({ entries: [completed(again, 4)] });
    await runner.acked(again, 4);
    expect(engine.get(id)?.phase).toBe(PHASE.completed);
  });

  test.each([
    { definition: WITH_SECRETS, isClear: false },
    { definition: { do: [] }, isClear: true },
  ])("may stand in a snapshot of $definition: in clear $isClear", async ({ definition, isClear }) => {
    const seal = newSeal();
    await open(seal);
    const { id, lease } = await begin(definition);
    const snapshot = entry(lease, 2, "snapshot", "", { inboxSeen: 0, state: VALUE });
    runner.send({ entries: [snapshot] });
    await runner.acked(lease, 2);
    expect(isOnDisk(VALUE)).toBe(isClear);
    await close();

    await open(seal);
    runner.connect();
    expect((await runner.lease(id)).journal?.map((one) => one.body)).toEqual([snapshot.body]);
  });

  test.each([
    { key: "another key", seal: newSeal() },
    { key: "no key", seal: undefined },
  ])("does not open with $key: the execution is suspended", async ({ seal }) => {
    await open(newSeal());
    const { id, lease } = await begin(WITH_SECRETS);
    runner.send({ entries: [entry(lease, 2, "result", "b", { call: "secrets", digest: "d", ok: VALUE })] });
    await runner.acked(lease, 2);
    await close();

    await open(seal);
    runner.connect();
    for await (const update of engine.watch(id)) {
      if (update.kind === "event" && update.event.type === "execution.suspended") break;
    }
    expect(engine.get(id)).toMatchObject({ phase: PHASE.suspended, reason: "DATA_CORRUPT" });
  });
});

describe("openBody()", () => {
  const seal = newSeal();
  const place = { executionId: "wex_1", seq: 2 };
  const sealed = sealBody(seal, place, '{"v":1}');

  test("gives back what was sealed, and what never was", () => {
    expect([sealed, '{"v":1}'].map((stored) => openBody(seal, place, stored))).toEqual(['{"v":1}', '{"v":1}']);
  });

  test.each([
    ["another entry", { ...place, seq: 3 }, sealed],
    ["another execution", { ...place, executionId: "wex_2" }, sealed],
    ["a cut text", place, sealed.slice(0, -8)],
    ["nothing after the mark", place, "sealed:"],
  ])("refuses %s", (_name, where, stored) => {
    expect(() => openBody(seal, where, stored)).toThrow(/Cannot read entry \d of the journal of "wex_\d"/);
  });
});
