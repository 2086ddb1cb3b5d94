import type { EventBatchFrame, EventFrame, LeaseFrame } from "@stigmer/api";
import { isStigmerError } from "@stigmer/api";
import type { Json } from "@stigmer/durable";
import { beforeEach, describe, expect, test } from "vitest";
import { PHASE } from "../store/engine/execution-row.ts";
import { createMemoryDatabase, type MemoryDatabase } from "../store/memory-database.ts";
import { createEngine, type Engine } from "./engine.ts";
import type { ExecutionSpec, ResolveDefinition } from "./execution-spec.ts";
import { ManualClock, settle } from "./manual-clock.testsuite.ts";
import { completed, entry, ScriptedRunner } from "./scripted-runner.testsuite.ts";

let database: MemoryDatabase;
let clock: ManualClock;
let engine: Engine;
let runner: ScriptedRunner;

const spec = (part: Partial<ExecutionSpec> = {}): ExecutionSpec => ({
  program: "workflow",
  namespace: "default",
  kind: "Workflow",
  name: "hello",
  digest: "sha256:1",
  definition: "{}",
  input: {},
  ...part,
});

const resolveAny: ResolveDefinition = ({ target }) =>
  (target as { name?: string })?.name === "missing"
    ? { failure: { type: "about:blank", status: 404, title: "no such workflow" } }
    : { spec: spec({ name: "child" }) };

beforeEach(() => {
  database = createMemoryDatabase();
  clock = new ManualClock();
  engine = createEngine({ store: database.open(), clock, resolveDefinition: resolveAny });
  runner = new ScriptedRunner(engine);
});

/** A new engine over the same disk, as after a restart. */
function restart(): void {
  engine = createEngine({ store: database.open(), clock, resolveDefinition: resolveAny });
  runner = new ScriptedRunner(engine, runner.instance);
}

async function begin(part: Partial<ExecutionSpec> = {}): Promise<{ id: string; lease: LeaseFrame }> {
  const { id } = await engine.start({ spec: spec(part) });
  return { id, lease: await runner.lease(id) };
}

async function park(lease: LeaseFrame, dueAtMs = 0, lastSeq = 1, inboxSeen = 0): Promise<void> {
  runner.send({
    parks: [
      {
        execution: lease.execution ?? 0n,
        epoch: lease.epoch ?? 0,
        lastSeq: BigInt(lastSeq),
        dueAtMs: BigInt(dueAtMs),
        inboxSeen: BigInt(inboxSeen),
      },
    ],
  });
  await runner.parked(lease);
}

const phase = (id: string): number | undefined => engine.get(id)?.phase;
const event = (id: string, type = "ping"): Json => ({ specversion: "1.0", id, source: "test", type });
const types = (id: string): string[] =>
  database.read
    .all<{ type: string }>(
      "select type from event where execution = (select no from execution where id = ?) order by seq",
      id,
    )
    .map((row) => row.type);

describe("parking", () => {
  test("wakes by its timer, late rather than never", async () => {
    runner.connect();
    const { id, lease } = await begin();
    await park(lease, clock.now() + 60_000);
    expect(phase(id)).toBe(PHASE.waiting);
    await clock.advance(59_000);
    expect(runner.leases).toHaveLength(1);
    await clock.advance(2_000);
    expect((await runner.lease(id, 2)).epoch).toBe(2);
  });

  test("fires what a jump of the clock made due", async () => {
    runner.connect();
    const { id, lease } = await begin();
    await park(lease, clock.now() + 3_600_000);
    clock.jump(4_000_000);
    await clock.advance(1_000);
    await runner.lease(id, 2);
  });

  test("fires timers that came due while the server was down, in order", async () => {
    runner.connect();
    const ids: string[] = [];
    for (const delay of [3_000, 1_000, 2_000]) {
      const { id, lease } = await begin();
      ids.push(id);
      await park(lease, clock.now() + delay);
    }
    await clock.advance(0);
    clock.jump(10_000);
    restart();
    runner.connect();
    await clock.advance(1_000);
    expect(runner.leases.map((lease) => lease.executionId)).toEqual([ids[1], ids[2], ids[0]]);
  });

  test("leases at once anew when an item came meanwhile", async () => {
    runner.connect();
    const { id, lease } = await begin();
    await engine.deliver({ id, kind: "message", data: { text: "hi" } });
    await park(lease);
    const again = await runner.lease(id, 2);
    expect(again.inbox?.map((item) => item.data)).toEqual(['{"text":"hi"}']);
  });

  test("does not park what is due already", async () => {
    runner.connect();
    const { id, lease } = await begin();
    runner.send({
      parks: [{ execution: lease.execution ?? 0n, epoch: 1, lastSeq: 1n, dueAtMs: BigInt(clock.now() - 1) }],
    });
    await settle();
    expect(phase(id)).toBe(PHASE.running);
  });
});

describe("events from outside", () => {
  test("reach every execution that listens for them, once", async () => {
    runner.connect();
    const listening = { subscriptions: [{ type: "ping", attributes: { source: "test" } }] };
    const one = await begin(listening);
    const two = await begin(listening);
    await begin({ subscriptions: [{ type: "ping", attributes: { source: "elsewhere" } }] });
    await park(one.lease);
    expect(await engine.publish({ event: event("1") })).toEqual({ accepted: true, delivered: 2 });
    expect(await engine.publish({ event: event("1") })).toEqual({ accepted: false, delivered: 2 });
    const woken = await runner.lease(one.id, 2);
    expect(woken.inbox).toHaveLength(1);
    const delivered = await runner.frame((frame) => (frame.deliveries ?? []).length > 0);
    expect(delivered.deliveries?.[0]?.execution).toBe(two.lease.execution);
  });

  test("are matched by an emit in the emitting transaction", async () => {
    runner.connect();
    const listener = await begin({ subscriptions: [{ type: "ping" }] });
    const emitter = await begin();
    runner.send({ entries: [entry(emitter.lease, 2, "result", "e", { call: "emit", digest: "d", ok: event("7") })] });
    await runner.acked(emitter.lease, 2);
    expect(database.read.all("select n from inbox where execution = ?", Number(listener.lease.execution))).toHaveLength(
      1,
    );
    expect(types(emitter.id)).toContain("event.emitted");
  });

  test("stand whole in the event log, and so do failures, however large", async () => {
    runner.connect();
    const { id, lease } = await begin();
    const large = { ...(event("8") as object), data: "x".repeat(5_000) };
    const failure = { type: "about:blank", status: 500, detail: "y".repeat(5_000) };
    runner.send({
      entries: [
        entry(lease, 2, "result", "e", { call: "emit", digest: "d", ok: large }),
        entry(lease, 3, "failed", "", { failure }),
      ],
    });
    await runner.acked(lease, 3);
    const lines: Record<string, unknown> = {};
    for await (const update of engine.watch(id))
      if (update.kind === "event") lines[update.event.type] = JSON.parse(update.event.data);
    expect(lines["event.emitted"]).toEqual({ event: large });
    expect(lines["execution.faulted"]).toEqual({ error: failure });
    expect(JSON.parse(engine.get(id)?.error ?? "")).toEqual(failure);
  });

  test.for([[null], [{}], [{ id: "", source: "s", type: "t" }], [{ id: "1", source: "s" }], [[1]]] as Json[][])(
    "refuses %j",
    async ([bad]) => {
      const error: unknown = await engine.publish({ event: bad ?? null }).catch((caught: unknown) => caught);
      expect(isStigmerError(error, "INVALID_EVENT")).toBe(true);
    },
  );
});

describe("children", () => {
  const call = (mode: string, target: Json = { name: "c" }): object => ({
    digest: "d",
    program: "workflow",
    target,
    input: null,
    mode,
  });

  async function parentWithChild(mode = "wait"): Promise<{ id: string; lease: LeaseFrame; child: LeaseFrame }> {
    runner.connect();
    const { id, lease } = await begin();
    runner.send({ entries: [entry(lease, 2, "child", "c1", call(mode))] });
    await runner.acked(lease, 2);
    const frame = await runner.frame((one) => (one.leases ?? []).some((other) => other.execution !== lease.execution));
    const child = frame.leases?.find((other) => other.execution !== lease.execution);
    if (!child) throw new Error("no child");
    return { id, lease, child };
  }

  test("start with the entry and report their end to the parent", async () => {
    const { id, lease, child } = await parentWithChild();
    await park(lease, 0, 2);
    runner.send({ entries: [completed(child, 2, { n: 1 })] });
    const woken = await runner.lease(id, 2);
    expect(woken.inbox?.map((item) => [item.kind, JSON.parse(item.data ?? "")])).toEqual([
      ["child", { key: "c1", outcome: { ok: { n: 1 } } }],
    ]);
    expect(engine.get(child.executionId ?? "")?.parentId).toBe(id);
  });

  test("carry a large output to the parent", async () => {
    const { id, lease, child } = await parentWithChild();
    await park(lease, 0, 2);
    const large = "x".repeat(300_000);
    runner.send({ entries: [completed(child, 2, large)] });
    const woken = await runner.lease(id, 2);
    expect(JSON.parse(woken.inbox?.[0]?.data ?? "").outcome.ok).toBe(large);
    expect(engine.get(child.executionId ?? "")?.output).toBe(JSON.stringify(large));
  });

  test("fail when there is no such definition", async () => {
    runner.connect();
    const { lease } = await begin();
    runner.send({ entries: [entry(lease, 2, "child", "c1", call("wait", { name: "missing" }))] });
    const frame = await runner.frame((one) => (one.deliveries ?? []).length > 0);
    const data = JSON.parse(frame.deliveries?.[0]?.items?.[0]?.data ?? "");
    expect(data.outcome.failure.title).toBe("no such workflow");
  });

  test("are cancelled with a parent that no runner holds, which ends after them", async () => {
    const { id, lease, child } = await parentWithChild();
    await park(lease, 0, 2);
    await engine.cancel({ id });
    expect(phase(id)).toBe(PHASE.waiting);
    runner.send({ entries: [entry(child, 2, "cancelled")] });
    await runner.acked(child, 2);
    expect([phase(id), phase(child.executionId ?? "")]).toEqual([PHASE.cancelled, PHASE.cancelled]);
  });

  test("that are detached go on when the parent is cancelled", async () => {
    const { id, lease, child } = await parentWithChild("detach");
    await park(lease, 0, 2);
    await engine.cancel({ id });
    expect([phase(id), phase(child.executionId ?? "")]).toEqual([PHASE.cancelled, PHASE.running]);
  });

  test("are cancelled by their scope", async () => {
    const { lease, child } = await parentWithChild();
    runner.send({ entries: [entry(lease, 3, "child_cancel", "c1")] });
    const frame = await runner.frame((one) =>
      (one.deliveries ?? []).some((delivery) => delivery.execution === child.execution),
    );
    expect(frame.deliveries?.[0]?.items?.[0]?.kind).toBe("cancel");
  });
});

describe("nesting", () => {
  test("ends with a failure that is no retry's business when it is too deep", async () => {
    engine = createEngine({ store: database.open(), clock, resolveDefinition: resolveAny, limits: { maxDepth: 2 } });
    runner = new ScriptedRunner(engine);
    runner.connect();
    const { id } = await begin();
    let lease = await runner.lease(id);
    for (let depth = 1; depth <= 2; depth++) {
      runner.send({
        entries: [
          entry(lease, 2, "child", "c", { digest: "d", program: "workflow", target: {}, input: null, mode: "wait" }),
        ],
      });
      await settle();
      lease = runner.leases.at(-1) ?? lease;
    }
    expect(runner.leases).toHaveLength(3);
    runner.send({
      entries: [
        entry(lease, 2, "child", "c", { digest: "d", program: "workflow", target: {}, input: null, mode: "wait" }),
      ],
    });
    const frame = await runner.frame((one) => (one.deliveries ?? []).length > 0);
    const { outcome } = JSON.parse(frame.deliveries?.[0]?.items?.[0]?.data ?? "");
    expect(outcome.failure).toMatchObject({ title: "too many nested executions", retryable: false });
    expect(runner.leases).toHaveLength(3);
  });
});

describe("cancel, pause and resume", () => {
  test("cancel reaches the runner, and wins over a late completion", async () => {
    runner.connect();
    const { id, lease } = await begin();
    await engine.cancel({ id, reason: "enough" });
    const frame = await runner.frame((one) => (one.deliveries ?? []).length > 0);
    expect(frame.deliveries?.[0]?.items?.[0]).toMatchObject({ kind: "cancel", data: '{"reason":"enough"}' });
    runner.send({ entries: [completed(lease, 2)] });
    await runner.acked(lease, 2);
    expect(phase(id)).toBe(PHASE.cancelled);
  });

  test.each([
    { reason: "enough", data: '{"reason":"enough"}' },
    { reason: "", data: "{}" },
  ])("the log tells why when the runner ends it: $data", async ({ reason, data }) => {
    runner.connect();
    const { id, lease } = await begin();
    await engine.cancel({ id, reason });
    runner.send({ entries: [entry(lease, 2, "cancelled")] });
    await runner.acked(lease, 2);
    expect(database.read.all("select data from event where type = 'execution.cancelled'")).toEqual([{ data }]);
  });

  test("cancel ends what no runner holds, and a second one changes nothing", async () => {
    const { id } = await engine.start({ spec: spec() });
    expect((await engine.cancel({ id })).phase).toBe(PHASE.cancelled);
    expect((await engine.cancel({ id })).phase).toBe(PHASE.cancelled);
    expect(types(id).filter((type) => type === "execution.cancelled")).toHaveLength(1);
  });

  test("force ends at once and takes the lease from the runner", async () => {
    runner.connect();
    const { id, lease } = await begin();
    await engine.cancel({ id });
    expect((await engine.cancel({ id, mode: "force" })).phase).toBe(PHASE.cancelled);
    await runner.refused(lease);
  });

  test("a cancelled execution whose runner dies is ended by the server", async () => {
    runner.connect();
    const { id } = await begin();
    await engine.cancel({ id });
    engine.runnerGone(runner.instance);
    await settle();
    expect(phase(id)).toBe(PHASE.cancelled);
  });

  test("a paused execution keeps its events and goes on by resume only", async () => {
    runner.connect();
    const { id, lease } = await begin({ subscriptions: [{ type: "ping" }] });
    await park(lease);
    expect((await engine.pause({ id })).phase).toBe(PHASE.paused);
    await engine.publish({ event: event("1") });
    await settle();
    expect(runner.leases).toHaveLength(1);
    await engine.resume({ id });
    const woken = await runner.lease(id, 2);
    expect(woken.inbox?.map((item) => item.kind)).toEqual(["pause", "event", "resume"]);
    expect(woken.paused).toBe(false);
  });

  test("a queued execution can be paused and resumed", async () => {
    const { id } = await engine.start({ spec: spec() });
    await engine.pause({ id });
    runner.connect();
    await settle();
    expect(runner.leases).toHaveLength(0);
    await engine.resume({ id });
    await runner.lease(id);
  });

  test("wishes for nobody and for the dead are refused", async () => {
    const { id } = await engine.start({ spec: spec() });
    await engine.cancel({ id });
    const finished: unknown = await engine.pause({ id }).catch((caught: unknown) => caught);
    const missing: unknown = await engine.cancel({ id: "wex_0" }).catch((caught: unknown) => caught);
    expect([isStigmerError(finished, "EXECUTION_FINISHED"), isStigmerError(missing, "EXECUTION_NOT_FOUND")]).toEqual([
      true,
      true,
    ]);
  });
});

describe("leases", () => {
  test("are reclaimed by the same runner within the grace", async () => {
    runner.connect();
    const { id, lease } = await begin();
    runner.disconnect();
    await clock.advance(100);
    runner.connect(100, [{ execution: lease.execution ?? 0n, epoch: 1 }]);
    await clock.advance(1_000);
    runner.send({ entries: [completed(lease, 2)] });
    await runner.acked(lease, 2);
    expect(phase(id)).toBe(PHASE.completed);
  });

  test("bring items that were lost on the way when they are reclaimed", async () => {
    runner.connect();
    const { id, lease } = await begin();
    runner.disconnect();
    await engine.deliver({ id, kind: "message", data: 1 });
    runner.connect(100, [{ execution: lease.execution ?? 0n, epoch: 1 }]);
    await runner.frame((frame) => (frame.deliveries ?? []).some((delivery) => delivery.items?.[0]?.kind === "message"));
  });

  test("go to another runner after the grace", async () => {
    runner.connect();
    const { id, lease } = await begin();
    const other = new ScriptedRunner(engine, "runner-2");
    other.connect();
    runner.disconnect();
    await clock.advance(300);
    await other.lease(id, 2);
    runner.connect(100, [{ execution: lease.execution ?? 0n, epoch: 1 }]);
    await runner.refused(lease);
  });

  test("survive a restart of the server with their runner", async () => {
    runner.connect();
    const { id, lease } = await begin();
    restart();
    runner.connect(100, [{ execution: lease.execution ?? 0n, epoch: 1 }]);
    runner.send({ entries: [completed(lease, 2)] });
    await runner.acked(lease, 2);
    expect(phase(id)).toBe(PHASE.completed);
  });

  test("go to another runner when theirs does not come back after a restart", async () => {
    runner.connect();
    const { id } = await begin();
    restart();
    const other = new ScriptedRunner(engine, "runner-2");
    other.connect();
    await settle();
    expect(other.leases).toHaveLength(0);
    await clock.advance(500);
    await other.lease(id, 2);
  });

  test("are handed out in turn between definitions", async () => {
    for (let i = 0; i < 4; i++) await engine.start({ spec: spec({ name: "many" }) });
    const { id } = await engine.start({ spec: spec({ name: "few" }) });
    runner.connect(2);
    await settle();
    expect(runner.leases.map((lease) => lease.executionId)).toContain(id);
  });

  test("go only to runners that know the program", async () => {
    runner.connect(10, [], ["agent"]);
    await engine.start({ spec: spec() });
    await settle();
    expect(runner.leases).toHaveLength(0);
  });

  test("after a gap in its entries a runner loses the lease", async () => {
    runner.connect();
    const { id, lease } = await begin();
    runner.send({ entries: [completed(lease, 3)] });
    await runner.refused(lease);
    await runner.lease(id, 2);
  });

  test("entries sent again are acknowledged, not written again", async () => {
    runner.connect();
    const { lease } = await begin();
    const first = entry(lease, 2, "result", "a", { call: "x", digest: "d", ok: 1 });
    runner.send({ entries: [first] });
    await runner.acked(lease, 2);
    runner.send({ entries: [first, completed(lease, 3)] });
    await runner.acked(lease, 3);
    expect(database.read.all("select seq from journal where execution = ?", Number(lease.execution))).toHaveLength(3);
  });
});

describe("poison", () => {
  test("an execution whose runners die is leased alone and then suspended; resume tries again", async () => {
    runner.connect();
    const { id } = await begin();
    for (let death = 1; death <= 3; death++) {
      engine.runnerGone(runner.instance, "out of memory");
      await settle();
      runner = new ScriptedRunner(engine, `runner-${death + 1}`);
      runner.connect();
      if (death === 3) break;
      const lease = await runner.lease(id, death + 1);
      expect(lease.deaths).toBe(death);
      const { id: healthy } = await engine.start({ spec: spec() });
      await settle();
      expect(runner.leases.map((one) => one.executionId)).not.toContain(healthy);
      await engine.cancel({ id: healthy });
    }
    expect(engine.get(id)).toMatchObject({
      phase: PHASE.suspended,
      reason: "RUNNER_CRASHED",
      message: "out of memory",
    });
    await engine.resume({ id });
    await runner.lease(id);
  });

  test("deaths of a runner that carries many suspend none of them soon", async () => {
    runner.connect();
    const { id } = await begin();
    const { id: other } = await engine.start({ spec: spec() });
    await settle();
    const before = runner;
    await before.lease(other);
    engine.runnerGone(before.instance, "killed");
    await settle();
    expect(database.read.get("select deaths from execution where id = ?", id)).toEqual({ deaths: 1 });
    expect(database.read.get("select deaths from execution where id = ?", other)).toEqual({ deaths: 1 });
  });

  test("progress forgives deaths", async () => {
    runner.connect();
    const { id } = await begin();
    engine.runnerGone(runner.instance);
    await settle();
    runner = new ScriptedRunner(engine, "runner-2");
    runner.connect();
    const lease = await runner.lease(id, 2);
    runner.send({ entries: [entry(lease, 2, "result", "a", { call: "x", digest: "d", ok: 1 })] });
    await runner.acked(lease, 2);
    expect(database.read.get("select deaths from execution where id = ?", id)).toEqual({ deaths: 0 });
  });

  test.for([
    ["JOURNAL_MISMATCH", PHASE.suspended],
    ["CPU_BUDGET", PHASE.running],
    ["", PHASE.running],
  ] as const)("a release with reason '%s' gives phase %i", async ([reason, expected]) => {
    runner.connect();
    const { id, lease } = await begin();
    runner.send({ releases: [{ execution: lease.execution ?? 0n, epoch: 1, reason, message: "why" }] });
    await settle();
    expect(phase(id)).toBe(expected);
  });
});

describe("snapshots and values", () => {
  test("a snapshot replaces the journal before it", async () => {
    runner.connect();
    const { lease } = await begin();
    runner.send({
      entries: [
        entry(lease, 2, "result", "a", { call: "x", digest: "d", ok: 1 }),
        entry(lease, 3, "snapshot", "", { inboxSeen: 0 }),
      ],
    });
    await runner.acked(lease, 3);
    expect(database.read.all("select seq, kind from journal where execution = ?", Number(lease.execution))).toEqual([
      { seq: 3, kind: "snapshot" },
    ]);
  });

  test.for([10, 3_000, 400_000])("a value of %i bytes comes back in the lease", async (size) => {
    runner.connect();
    const { id, lease } = await begin({ input: { input: "i".repeat(size) } });
    expect(JSON.parse(lease.input ?? "").input).toHaveLength(size);
    const written = entry(lease, 2, "result", "a", { call: "x", digest: "d", ok: "v".repeat(size) });
    const line: EventFrame = { index: 1n, atMs: 1n, type: "task.completed", data: JSON.stringify("e".repeat(size)) };
    runner.send({ entries: [{ ...written, events: [line] } as typeof written] });
    await runner.acked(lease, 2);
    engine.runnerGone(runner.instance);
    runner.connect();
    const again = await runner.lease(id, 2);
    expect(again.journal?.[1]?.body).toBe(written.body);
    expect(again.reported).toBe(1n);
  });

  test("an execution whose value is gone from the disk is suspended, the others go on", async () => {
    const { id } = await engine.start({ spec: spec({ input: { input: "i".repeat(3_000) } }) });
    const { id: healthy } = await engine.start({ spec: spec() });
    database.raw.exec("delete from blob where size > 2000");
    runner.connect();
    await runner.lease(healthy);
    await settle();
    expect(engine.stats().phases).toEqual({ [PHASE.running]: 1, [PHASE.suspended]: 1 });
    expect(database.read.get("select reason from execution where id = ?", id)).toEqual({ reason: "DATA_CORRUPT" });
  });

  test("lines of the event log are written once", async () => {
    runner.connect();
    const { id, lease } = await begin();
    const line = (index: bigint): EventFrame => ({ index, atMs: 5n, type: "log", data: '"a"' });
    const batch = (events: EventFrame[]): EventBatchFrame => ({ execution: lease.execution ?? 0n, epoch: 1, events });
    runner.send({ events: [batch([line(1n)])] });
    runner.send({ events: [batch([line(1n), line(2n)])] });
    await settle();
    expect(types(id)).toEqual(["execution.created", "execution.started", "log", "log"]);
  });
});

describe("two kinds of runners", () => {
  test("a start is leased in its own transaction, whichever runner came first", async () => {
    const agents = new ScriptedRunner(engine, "agents");
    agents.connect(10, [], ["agent"], "agent-runner");
    runner.connect(10, [], ["workflow"], "workflow-runner");
    const before = engine.stats().commits;
    const { id } = await engine.start({ spec: spec() });
    await runner.lease(id);
    expect(engine.stats().commits - before).toBe(1);
  });

  test("an agent that a workflow calls is leased in the transaction of the call", async () => {
    engine = createEngine({
      store: database.open(),
      clock,
      resolveDefinition: () => ({ spec: spec({ program: "agent" }) }),
    });
    const workflows = new ScriptedRunner(engine, "w");
    const turns = new ScriptedRunner(engine, "a");
    workflows.connect(10, [], ["workflow"], "workflow-runner");
    turns.connect(10, [], ["agent"], "agent-runner");
    const { id } = await engine.start({ spec: spec() });
    const lease = await workflows.lease(id);
    const before = engine.stats().commits;
    workflows.send({
      entries: [
        entry(lease, 2, "child", "c", { digest: "d", program: "agent", target: {}, input: null, mode: "wait" }),
      ],
    });
    await settle();
    const child = turns.leases[0];
    if (!child) throw new Error("no child");
    expect([engine.stats().commits - before, child.executionId?.slice(0, 4)]).toEqual([1, "aex_"]);
  });
});

describe("stop", () => {
  test("asks runners to drain, refuses starts and waits for what is held", async () => {
    runner.connect();
    const { lease } = await begin();
    let isStopped = false;
    const stopped = engine.stop().then(() => {
      isStopped = true;
    });
    await runner.frame((frame) => frame.drain === true);
    const refused: unknown = await engine.start({ spec: spec() }).catch((caught: unknown) => caught);
    expect([isStigmerError(refused, "SERVER_STOPPING"), isStopped]).toEqual([true, false]);
    runner.send({ releases: [{ execution: lease.execution ?? 0n, epoch: 1 }] });
    await stopped;
    expect(database.read.get("select instance from execution")).toEqual({ instance: "" });
  });
});
