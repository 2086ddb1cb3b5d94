import { create } from "@bufbuild/protobuf";
import { ApplyRequestSchema, DeleteRequestSchema } from "@stigmer/api";
import { beforeEach, describe, expect, test } from "vitest";
import { createEngine, type Engine } from "../engine/engine.ts";
import { ManualClock, settle } from "../engine/manual-clock.testsuite.ts";
import { completed, ScriptedRunner } from "../engine/scripted-runner.testsuite.ts";
import { type ApplyResourceDeps, applyResource } from "../resources/apply-resource.ts";
import { deleteResource } from "../resources/delete-resource.ts";
import { readManifest } from "../resources/read-manifest.ts";
import { createVault } from "../secrets/vault.ts";
import { PHASE } from "../store/engine/execution-row.ts";
import { createMemoryDatabase, type MemoryDatabase } from "../store/memory-database.ts";
import type { Store } from "../store/store.ts";
import { Schedules } from "./schedules.ts";

let database: MemoryDatabase;
let clock: ManualClock;
let store: Store;
let engine: Engine;
let schedules: Schedules;
let deps: ApplyResourceDeps;
let errors: unknown[];

/** A server over the same disk. */
async function boot(): Promise<void> {
  store = database.open();
  engine = createEngine({ store, clock, resolveDefinition: () => ({ failure: { type: "about:blank", status: 404 } }) });
  schedules = new Schedules({ store, engine, clock, onError: (error) => errors.push(error) });
  const onChanged = () => schedules.look();
  deps = { store, vault: createVault(Buffer.alloc(32)), readManifest, nowMs: () => clock.now(), onChanged };
  await schedules.start();
}

beforeEach(async () => {
  database = createMemoryDatabase();
  clock = new ManualClock();
  clock.jump(Date.parse("2026-03-01T00:00:10Z") - clock.now());
  errors = [];
  await boot();
});

async function apply(schedule: string, more = ""): Promise<void> {
  const head = 'document: {dsl: "1.0.3", namespace: default, name: w, version: "1.0.0"}\n';
  const when = schedule === "" ? "" : `schedule: ${schedule}\n`;
  const source = `${head}${when}${more}do: [{one: {set: {a: 1}}}]\n`;
  await applyResource(deps, create(ApplyRequestSchema, { source }));
}

const runs = (): { id: string; at: string; phase: number }[] =>
  database.read
    .all<{ id: string; labels: string; phase: number }>("select id, labels, phase from execution order by no")
    .map(({ id, labels, phase }) => ({ id, at: JSON.parse(labels)["stigmer.ai/scheduled-at"] ?? "listener", phase }));
const moments = () => runs().map((run) => run.at.slice(11, 19));
const row = () => database.read.get<Record<string, unknown>>("select * from schedule");

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

describe("every and cron", () => {
  test("start a run each time, whatever becomes of the one before", async () => {
    await apply("{every: {minutes: 1}}");
    expect(runs()).toEqual([]);
    await clock.advance(3 * MINUTE + SECOND);
    expect(moments()).toEqual(["00:01:10", "00:02:10", "00:03:10"]);
    expect(row()).toMatchObject({ last_execution: runs()[2]?.id, next_due_at: Date.parse("2026-03-01T00:04:10Z") });
  });

  test("cron is in UTC", async () => {
    await apply('{cron: "*/20 * * * *"}');
    await clock.advance(65 * MINUTE);
    expect(moments()).toEqual(["00:20:00", "00:40:00", "01:00:00"]);
  });

  test("moments that were missed run once, and the grid stays", async () => {
    await apply("{every: PT1M}");
    await clock.advance(MINUTE + SECOND);
    await schedules.stop();
    clock.jump(10 * MINUTE);
    await boot();
    await settle();
    expect(moments()).toEqual(["00:01:10", "00:02:10"]);
    await clock.advance(MINUTE);
    expect(moments()).toEqual(["00:01:10", "00:02:10", "00:12:10"]);
  });

  test("a moment runs once, though two look at it and though the clock goes back", async () => {
    await apply('{cron: "1 * * * *"}');
    await clock.advance(MINUTE - 10 * SECOND - 1);
    clock.jump(1);
    await Promise.all([schedules.look(), schedules.look(), schedules.look()]);
    expect(moments()).toEqual(["00:01:00"]);
    clock.jump(-30 * SECOND);
    await apply('{cron: "1 * * * *"}', "input: {}\n");
    await apply('{cron: "1 0 * * *"}');
    await clock.advance(MINUTE);
    expect(moments()).toEqual(["00:01:00"]);
  });

  test("a change keeps what is planned while the schedule is the same, and begins anew when it is not", async () => {
    await apply("{every: PT1M}");
    await clock.advance(30 * SECOND);
    await apply("{every: PT1M}", "input: {}\n");
    await clock.advance(30 * SECOND);
    expect(moments()).toEqual(["00:01:10"]);
    await apply("{every: PT2M}");
    await clock.advance(2 * MINUTE);
    expect(moments()).toEqual(["00:01:10", "00:03:10"]);
  });

  test("the newest revision runs", async () => {
    await apply("{every: PT1M}");
    await apply("{every: PT1M}", "input: {}\n");
    await clock.advance(MINUTE);
    expect(database.read.get("select revision from execution")).toEqual({ revision: 2 });
  });

  test.each([
    ["applying without a schedule", () => apply("")],
    [
      "deleting",
      () =>
        deleteResource(
          deps,
          { kind: "Workflow", namespace: "", name: "w", version: "", revision: 0 },
          create(DeleteRequestSchema),
        ),
    ],
  ])("%s ends it", async (_name, change) => {
    await apply("{every: PT1M}");
    await change();
    await clock.advance(5 * MINUTE);
    expect([runs(), row()]).toEqual([[], undefined]);
  });

  test("a run that cannot be started says why, and the next is tried", async () => {
    await apply("{every: PT1M}", "use: {secrets: [NEEDED]}\n");
    await clock.advance(MINUTE);
    expect(row()).toMatchObject({ last_error: expect.stringContaining("SECRET_MISSING"), last_execution: "" });
    await store.write("putSecret", {
      namespace: "default",
      environment: "default",
      secret: { name: "NEEDED", sealed: new Uint8Array(1) },
      nowMs: 0,
    });
    await clock.advance(MINUTE);
    expect(moments()).toEqual(["00:02:10"]);
    expect(row()).toMatchObject({ last_error: "" });
  });
});

describe("after", () => {
  test("counts from the end of the run, however it ended", async () => {
    await apply("{after: PT1M}");
    await clock.advance(MINUTE);
    expect(row()).toMatchObject({ next_due_at: null });
    await clock.advance(10 * MINUTE);
    expect(moments()).toEqual(["00:01:10"]);
    const runner = new ScriptedRunner(engine);
    runner.connect();
    const lease = await runner.lease(runs()[0]?.id ?? "");
    runner.send({ entries: [completed(lease, 2, {})] });
    await runner.acked(lease, 2);
    await clock.advance(MINUTE + SECOND);
    expect(moments()).toEqual(["00:01:10", "00:12:10"]);
    await engine.cancel({ id: runs()[1]?.id ?? "", mode: "force" });
    await clock.advance(MINUTE + SECOND);
    expect(runs()).toHaveLength(3);
  });

  test("other runs of the workflow do not count", async () => {
    await apply("{after: PT1M}");
    await clock.advance(MINUTE);
    const spec = {
      program: "workflow",
      namespace: "default",
      kind: "Workflow",
      name: "w",
      digest: "",
      definition: "{}",
      input: {},
    };
    const { id } = await engine.start({ spec });
    await engine.cancel({ id, mode: "force" });
    expect(row()).toMatchObject({ next_due_at: null });
  });
});

describe("on", () => {
  const listeners = () => runs().filter((run) => run.at === "listener");

  test("an execution listens from the moment that apply is answered", async () => {
    await apply("{on: {one: {with: {type: order.placed}}}}");
    expect(listeners()).toHaveLength(1);
    const event = { specversion: "1.0", id: "1", source: "/t", type: "order.placed" };
    expect(await engine.publish({ event })).toMatchObject({ delivered: 1 });
  });

  test("another schedule gets another listener, and none gets none", async () => {
    await apply("{on: {one: {with: {type: a}}}}");
    await apply("{on: {one: {with: {type: a}}}}", "input: {}\n");
    expect(listeners()).toHaveLength(1);
    await apply("{on: {one: {with: {type: b}}}}");
    expect(listeners().map((one) => one.phase)).toEqual([PHASE.cancelled, PHASE.pending]);
    await apply("");
    expect(listeners().map((one) => one.phase)).toEqual([PHASE.cancelled, PHASE.cancelled]);
    expect(database.read.all("select * from schedule_orphan")).toEqual([]);
  });

  test("a listener that was lost is replaced at the next start", async () => {
    await apply("{on: {any: [{with: {type: a}}, {with: {type: b}}]}, read: envelope}");
    await engine.cancel({ id: listeners()[0]?.id ?? "", mode: "force" });
    await schedules.stop();
    await boot();
    expect(listeners().map((one) => one.phase)).toEqual([PHASE.cancelled, PHASE.pending]);
  });

  test("an environment that is missing is told", async () => {
    await apply("{on: {one: {with: {type: a}}}}", "environment: nowhere\n");
    expect(row()).toMatchObject({ listener: "", last_error: expect.stringContaining("ENVIRONMENT_NOT_FOUND") });
    expect(errors).toEqual([]);
  });
});
