import { describe, expect, test } from "vitest";
import { CHILD_PROGRAMS, CORPUS, describeDurableHost, TestEffects, type TestHostKind } from "./durable.testsuite.ts";
import { type Clock, createMemoryHost, type DurableProgram, type MemoryExecution, VirtualClock } from "./index.ts";

const settle = (done: () => void) => void setImmediate(done);

function memory(chaos?: { readonly seed: number; readonly rate: number }): TestHostKind {
  return {
    createHost: ({ programs, runEffect, snapshots }) =>
      createMemoryHost({
        programs,
        runEffect,
        settle,
        clock: new VirtualClock(),
        ...(snapshots === "every" ? { wantsSnapshot: () => true } : {}),
        ...(chaos === undefined ? {} : { chaos }),
      }),
    ...(chaos === undefined ? {} : { isChaotic: true }),
  };
}

describeDurableHost("memory host", memory());
for (const seed of [1, 2, 3, 4, 5]) describeDurableHost(`memory host in chaos ${seed}`, memory({ seed, rate: 0.4 }));

describe("memory host: every crash and every safe point", () => {
  const programs = {
    ...CHILD_PROGRAMS,
    ...Object.fromEntries(Object.entries(CORPUS).map(([key, { program }]) => [key, program])),
  };

  test.each(Object.keys(CORPUS))("%s gives the same whatever crash came", async (key) => {
    for (let seed = 100; seed < 160; seed++) {
      const params = {
        programs,
        runEffect: new TestEffects().run,
        snapshots: seed % 2 === 0 ? "every" : "default",
      } as const;
      const run = memory({ seed, rate: 0.5 })
        .createHost(params)
        .start({ program: key, input: CORPUS[key]?.input ?? null });
      expect(await run.ended, `seed ${seed}`).toEqual({ kind: "completed", output: CORPUS[key]?.output });
    }
  });

  test.each(Object.keys(CORPUS))("%s continues from each of its safe points alone", async (key) => {
    for (let point = 0; point < 40; point++) {
      const { offered, crashes, isRestored, end, events } = await runWithOneSnapshot(key, point);
      expect(end, `safe point ${point}`).toEqual({ kind: "completed", output: CORPUS[key]?.output });
      const reports = CORPUS[key]?.reports;
      if (reports !== undefined) expect(events).toEqual(reports);
      if (point >= offered) break;
      if (isRestored) expect(crashes).toBeGreaterThan(0);
    }
  });

  /** Takes the snapshot number `point` of those that are possible and kills the execution after every entry from then on. */
  async function runWithOneSnapshot(key: string, point: number) {
    let offered = 0;
    let length = 0;
    let crashes = 0;
    const crashAfterEntry = () => {
      const journal = run?.journal ?? [];
      if (journal[0]?.kind !== "snapshot" || journal.length === length) return;
      length = journal.length;
      crashes++;
      run?.crash();
    };
    const host = createMemoryHost({
      programs,
      runEffect: new TestEffects().run,
      settle: (done) =>
        void setImmediate(() => {
          done();
          crashAfterEntry();
        }),
      clock: new VirtualClock(),
      wantsSnapshot: () => offered++ === point,
    });
    let run: MemoryExecution | undefined;
    run = host.start({ program: key, input: CORPUS[key]?.input ?? null });
    const end = await run.ended;
    const events = run.events.map(({ type }) => type).filter((type) => !/^(execution|event)\./.test(type));
    return { offered, crashes, isRestored: run.journal[0]?.kind === "snapshot", end, events };
  }
});

describe("memory host", () => {
  test("real time: a timer of the clock, a retry and a time limit", async () => {
    const clock: Clock = {
      now: () => Date.now(),
      setTimer: (atMs, fire) => {
        const timer = setTimeout(fire, atMs - Date.now());
        return () => clearTimeout(timer);
      },
    };
    const retry = { maxAttempts: 2, initialDelayMs: 5, coefficient: 1, maxDelayMs: 5 };
    const program: DurableProgram = async (durable) => {
      const startMs = durable.now();
      await durable.sleepUntil({ key: "s", dueAtMs: startMs + 20 });
      const attempt = await durable.effect({ key: "f", kind: "flaky", input: 2, crash: "repeat", retry });
      const limited = { key: "h", kind: "hang", input: null, crash: "repeat", timeoutMs: 10 } as const;
      const status = await durable.effect(limited).catch((error) => error.failure.status);
      return [durable.now() - startMs >= 20, attempt, status];
    };
    const host = createMemoryHost({ programs: { p: program }, clock, settle, runEffect: new TestEffects().run });
    const run = host.start({ program: "p", input: null });
    expect(await run.ended).toEqual({ kind: "completed", output: [true, 2, 408] });
  });

  test("a program that does not exist cannot start, and as a child it fails its parent", async () => {
    const program: DurableProgram = (durable) =>
      durable.child({ key: "c", program: "nowhere", target: null, input: null, mode: "wait" });
    const options = { programs: { p: program }, clock: new VirtualClock(), settle, runEffect: new TestEffects().run };
    const host = createMemoryHost(options);
    expect(() => host.start({ program: "nowhere", input: null })).toThrow(RangeError);
    const run = host.start({ program: "p", input: null });
    expect(await run.ended).toMatchObject({ kind: "failed", failure: { title: "no such program" } });
  });

  test("an event reaches every running execution once", async () => {
    const program: DurableProgram = async (durable) => {
      const first = await durable.receive({ key: "a", match: () => true });
      const second = await durable.receive({ key: "b", match: () => true });
      return [first.data, second.data];
    };
    const options = { programs: { p: program }, clock: new VirtualClock(), settle, runEffect: new TestEffects().run };
    const host = createMemoryHost(options);
    const runs = [1, 2].map(() => host.start({ program: "p", input: null }));
    const event = (id: string) => ({ specversion: "1.0", source: "/s", type: "t", id });
    for (const id of ["1", "1", "2"]) host.publish(event(id));
    for (const run of runs) expect(await run.ended).toEqual({ kind: "completed", output: [event("1"), event("2")] });
  });

  test("a sequence of effects and timers takes no real time", async () => {
    const clock = new VirtualClock();
    const startMs = clock.now();
    const program: DurableProgram = async (durable) => {
      const a = await durable.effect({ key: "a", kind: "echo", input: 1, crash: "repeat" });
      await durable.sleepUntil({ key: "s", dueAtMs: durable.now() + 3_600_000 });
      const b = await durable.effect({ key: "b", kind: "echo", input: 2, crash: "unknown" });
      durable.report({ type: "log", data: { message: "done" } });
      return [a, b, durable.now() - startMs];
    };
    const host = createMemoryHost({ programs: { p: program }, clock, settle, runEffect: async (call) => call.input });
    const run = host.start({ program: "p", input: null });
    expect(await run.ended).toEqual({ kind: "completed", output: [1, 2, 3_600_000] });
    const kinds = ["start", "result", "timer", "fired", "intent", "result", "completed"];
    expect(run.journal.map((entry) => entry.kind)).toEqual(kinds);
    const types = ["execution.created", "execution.started", "log", "execution.completed"];
    expect(run.events.map((event) => event.type)).toEqual(types);
  });
});
