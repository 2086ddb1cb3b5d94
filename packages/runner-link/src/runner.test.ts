import type { CancelSignal, DurableProgram, Json, RunEffect } from "@stigmer/durable";
import { describeDurableHost, TestEffects } from "@stigmer/durable/testsuite";
import { describe, expect, test } from "vitest";
import { FakeServer } from "./fake-server.testsuite.ts";
import { createRunner, nodeSurroundings, type Surroundings } from "./index.ts";

/** How much faster time runs. */
const SPEED = 100;

/** Time that runs faster. */
function fastSurroundings(): Surroundings {
  const startMs = Date.now();
  const now = () => startMs + (performance.now() - startedAt) * SPEED;
  const startedAt = performance.now();
  return {
    ...nodeSurroundings,
    now,
    setTimer: (atMs, fire) => {
      let timer: NodeJS.Timeout;
      const arm = () => {
        timer = setTimeout(() => (now() >= atMs ? fire() : arm()), Math.min(Math.max(0, (atMs - now()) / SPEED), 1e9));
      };
      arm();
      return () => clearTimeout(timer);
    },
  };
}

function asCancelSignal(signal: AbortSignal): CancelSignal {
  return {
    get aborted() {
      return signal.aborted;
    },
    onAbort: (listener) => {
      signal.addEventListener("abort", listener, { once: true });
      return () => signal.removeEventListener("abort", listener);
    },
  };
}

function connect(params: {
  readonly programs: Readonly<Record<string, DurableProgram>>;
  readonly versions?: { readonly minVersion: number; readonly maxVersion: number };
  readonly runEffect: RunEffect;
  readonly turnBudgetMs?: number;
  readonly surroundings?: Surroundings;
}) {
  const surroundings = params.surroundings ?? fastSurroundings();
  const server = new FakeServer(surroundings);
  const logged: string[] = [];
  const runner = createRunner({
    component: "workflow-runner",
    instance: "one",
    version: "0.0.0",
    capacity: 10,
    openChannel: server.openChannel,
    programs: Object.fromEntries(
      Object.entries(params.programs).map(([name, program]) => [
        name,
        { program, ...(params.versions ?? { minVersion: 1, maxVersion: 1 }) },
      ]),
    ),
    runEffect: (call, context) => params.runEffect(call, { ...context, signal: asCancelSignal(context.signal) }),
    resolveSecrets: async () => ({}),
    log: { info: (message) => logged.push(message), warn: (message) => logged.push(message) },
    surroundings,
    ...(params.turnBudgetMs === undefined ? {} : { turnBudgetMs: params.turnBudgetMs }),
  });
  runner.start();
  return { server, runner, logged };
}

describeDurableHost("runner", {
  createHost: ({ programs, runEffect }) => {
    const { server, runner } = connect({ programs, runEffect });
    return { start: (request) => server.start(request), find: (id) => server.find(id), close: () => runner.stop(0) };
  },
});

const gate = { kind: "gate", input: null, crash: "repeat" } as const;

async function until(test: () => boolean): Promise<void> {
  const deadline = performance.now() + 5000;
  while (!test()) {
    if (performance.now() > deadline) throw new Error("it did not happen within five seconds");
    await new Promise((resolve) => setImmediate(resolve));
  }
}

describe("runner", () => {
  test("one frame carries everything of a turn", async () => {
    const program: DurableProgram = async (durable) => {
      durable.report({ type: "began", data: null });
      const one = await durable.effect({ key: "one", kind: "echo", input: 1, crash: "repeat" });
      durable.report({ type: "ended", data: null });
      return one;
    };
    const { server, runner } = connect({ programs: { p: program }, runEffect: new TestEffects().run });
    await runner.ready;
    const run = server.start({ program: "p", input: null });
    await run.ended;
    const entries = server.frames
      .map((frame) => (frame.entries ?? []).map(({ kind }) => kind))
      .filter((kinds) => kinds.length > 0);
    expect(entries).toEqual([["result", "completed"]]);
    expect(run.events.map(({ type }) => type)).toEqual(["began", "ended", "execution.completed"]);
    await runner.stop();
  });

  test("a lost stream repeats nothing: effects go on and their results are delivered after it", async () => {
    const effects = new TestEffects();
    const program: DurableProgram = async (durable) => {
      const results: Json[] = [];
      for (const key of ["a", "b", "c"]) results.push(await durable.effect({ key, ...gate }));
      return results;
    };
    const { server, runner } = connect({ programs: { p: program }, runEffect: effects.run });
    await runner.ready;
    const run = server.start({ program: "p", input: null });
    for (const key of ["a", "b", "c"]) {
      await effects.begun(key);
      server.disconnect();
      effects.open(key, key);
    }
    expect(await run.ended).toEqual({ kind: "completed", output: ["a", "b", "c"] });
    expect(effects.calls.map(({ key }) => key)).toEqual(["a", "b", "c"]);
    await runner.stop();
  });

  test("entries that were lost on the way are sent again, reports in order", async () => {
    const effects = new TestEffects();
    const program: DurableProgram = async (durable) => {
      for (let i = 0; i < 5; i++) {
        durable.report({ type: `before-${i}`, data: i });
        await durable.effect({ key: `k${i}`, kind: "echo", input: i, crash: i % 2 === 0 ? "repeat" : "unknown" });
        durable.report({ type: `after-${i}`, data: i });
      }
      return "done";
    };
    const { server, runner } = connect({ programs: { p: program }, runEffect: effects.run });
    await runner.ready;
    const run = server.start({ program: "p", input: null });
    let isOver = false;
    void run.ended.then(() => {
      isOver = true;
    });
    for (let cuts = 0; !isOver && cuts < 200; cuts++) {
      await until(() => isOver || server.frames.length > cuts);
      if (!isOver) server.disconnect();
    }
    expect(await run.ended).toEqual({ kind: "completed", output: "done" });
    expect(new Set(effects.calls.map(({ key }) => key)).size).toBe(effects.calls.length);
    const types = [0, 1, 2, 3, 4].flatMap((i) => [`before-${i}`, `after-${i}`]);
    expect(run.events.map(({ type }) => type)).toEqual([...types, "execution.completed"]);
    await runner.stop();
  });

  test("an execution that only waits is forgotten and comes back by a new lease", async () => {
    const program: DurableProgram = async (durable) => {
      const item = await durable.receive({ key: "r", match: () => true });
      await durable.sleepUntil({ key: "s", dueAtMs: durable.now() + 5000 });
      return item.data;
    };
    const { server, runner } = connect({ programs: { p: program }, runEffect: new TestEffects().run });
    await runner.ready;
    const run = server.start({ program: "p", input: null });
    await until(() => runner.heldCount === 1);
    await until(() => runner.heldCount === 0);
    run.send("message", "hello");
    expect(await run.ended).toEqual({ kind: "completed", output: "hello" });
    await runner.stop();
  });

  test("a program that uses too much CPU in one turn is given back with a reason", async () => {
    const program: DurableProgram = async (durable) => {
      await durable.effect({ key: "before", kind: "echo", input: null, crash: "safe" });
      const start = process.threadCpuUsage();
      while (process.threadCpuUsage(start).user < 60_000);
      return durable.effect({ key: "after", ...gate });
    };
    const { server, runner } = connect({
      programs: { p: program },
      runEffect: new TestEffects().run,
      turnBudgetMs: 20,
    });
    await runner.ready;
    const end = await server.start({ program: "p", input: null }).ended;
    expect(end).toMatchObject({ kind: "suspended", reason: "CPU_BUDGET" });
    await runner.stop();
  });

  test("a stop waits for running effects, records them and gives the rest back", async () => {
    const effects = new TestEffects();
    const program: DurableProgram = async (durable) => {
      await durable.effect({ key: "first", ...gate });
      return durable.effect({ key: "second", ...gate });
    };
    const { server, runner } = connect({
      programs: { p: program },
      runEffect: effects.run,
      surroundings: nodeSurroundings,
    });
    await runner.ready;
    server.start({ program: "p", input: null });
    await effects.begun("first");
    const stopped = runner.stop();
    effects.open("first", 1);
    await stopped;
    expect(effects.countOf("second")).toBe(0);
    await until(() => server.frames.some((frame) => (frame.releases ?? []).length > 0));
    const kinds = server.frames.flatMap((frame) => (frame.entries ?? []).map(({ kind, key }) => `${kind} ${key}`));
    expect(kinds).toEqual(["result first"]);
    expect(runner.heldCount).toBe(0);
  });

  test("a stop gives an effect that does not end no more than its grace", async () => {
    const effects = new TestEffects();
    const { server, runner } = connect({
      programs: { p: (d) => d.effect({ key: "hangs", kind: "hang", input: null, crash: "repeat" }) },
      runEffect: effects.run,
    });
    await runner.ready;
    server.start({ program: "p", input: null });
    await effects.begun("hangs");
    await runner.stop(5000);
    expect(effects.aborted).toEqual(["hangs"]);
  });

  test("a second stop shortens the grace of the first", async () => {
    const never: RunEffect = () => new Promise(() => {});
    const surroundings = fastSurroundings();
    const program: DurableProgram = (durable) => durable.effect({ key: "stuck", ...gate });
    const { server, runner } = connect({ programs: { p: program }, runEffect: never, surroundings });
    await runner.ready;
    server.start({ program: "p", input: null });
    await until(() => runner.heldCount === 1);
    const startedAtMs = surroundings.now();
    const first = runner.stop(300_000);
    await runner.stop(0);
    await first;
    expect(surroundings.now() - startedAtMs).toBeLessThan(100_000);
    expect(runner.heldCount).toBe(0);
  });

  test.each([{ name: "an unknown program", program: "other", input: null, reason: "PROGRAM_VERSION_UNKNOWN" }])(
    "$name goes back with a reason",
    async ({ program, input, reason }) => {
      const { server, runner } = connect({ programs: {}, runEffect: new TestEffects().run });
      await runner.ready;
      expect(await server.start({ program, input }).ended).toMatchObject({ kind: "suspended", reason });
      await runner.stop();
    },
  );

  test("a step that gives more than is kept of one is given back with a reason", async () => {
    const program: DurableProgram = (durable) =>
      durable.effect({ key: "big", kind: "big", input: null, crash: "repeat" });
    const { server, runner } = connect({ programs: { p: program }, runEffect: async () => "x".repeat(13 << 20) });
    await runner.ready;
    expect(await server.start({ program: "p", input: null }).ended).toMatchObject({
      kind: "suspended",
      reason: "STEP_TOO_LARGE",
    });
    await runner.stop();
  });

  test("a journal of a program version that it does not read goes back with a reason", async () => {
    const program: DurableProgram = async () => null;
    const { server, runner } = connect({
      programs: { p: program },
      versions: { minVersion: 2, maxVersion: 3 },
      runEffect: new TestEffects().run,
    });
    await runner.ready;
    const { ended } = server.start({ program: "p", input: null });
    expect(await ended).toMatchObject({ kind: "suspended", reason: "PROGRAM_VERSION_UNKNOWN" });
    await runner.stop();
  });

  test("reports that no entry follows leave by themselves", async () => {
    const effects = new TestEffects();
    const program: DurableProgram = async (durable) => {
      durable.report({ type: "begins", data: null });
      return durable.effect({ key: "long", ...gate });
    };
    const { server, runner } = connect({ programs: { p: program }, runEffect: effects.run });
    await runner.ready;
    const run = server.start({ program: "p", input: null });
    await until(() => run.events.length === 1);
    effects.open("long", null);
    await run.ended;
    expect(run.events.map(({ type }) => type)).toEqual(["begins", "execution.completed"]);
    await runner.stop();
  });
});
