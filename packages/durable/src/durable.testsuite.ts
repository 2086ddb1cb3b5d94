import { describe, expect, test } from "vitest";
import {
  type ActivationEnd,
  CancelledError,
  type CancelSignal,
  childExecutionId,
  DurableFailure,
  type DurableProgram,
  type EffectRunContext,
  type Json,
  type RunEffect,
} from "./index.ts";
import { CHILD_PROGRAMS, CORPUS } from "./testsuite-corpus.testsuite.ts";

export { CHILD_PROGRAMS, CORPUS, type CorpusProgram } from "./testsuite-corpus.testsuite.ts";

/** An execution of a host under test. */
export interface TestExecution {
  readonly id: string;
  readonly ended: Promise<ActivationEnd>;
  send(kind: "event" | "message" | "decision", data: Json): void;
  cancel(): void;
  pause(): void;
  resume(): void;
  /** Event log so far: reports and `execution.*`, `event.emitted`. */
  readonly events: readonly { readonly type: string; readonly data: Json }[];
  /** Kills whatever carries it; the host must bring it back by itself. */
  crash(): void;
}

/** A host under test. Its time is virtual or fast: the suite waits for minutes. */
export interface TestHost {
  start(request: { readonly program: string; readonly input: Json; readonly id?: string }): TestExecution;
  /** Any execution by its id, where the host can show it. */
  find?(id: string): TestExecution | undefined;
  close?(): Promise<void>;
}

/** What the suite gives to a host. */
export interface TestHostParams {
  readonly programs: Readonly<Record<string, DurableProgram>>;
  readonly runEffect: RunEffect;
  /** Take a snapshot at every safe point, or as the host likes. */
  readonly snapshots: "every" | "default";
}

/** How a host is made and what it may be asked. */
export interface TestHostKind {
  createHost(params: TestHostParams): TestHost;
  /** Kills executions at random by itself: then the suite leaves out what counts calls outside. */
  readonly isChaotic?: true;
}

/**
 * Effects of the suite: `echo`, `fail`, `flaky` (succeeds at attempt `input`), `count` (how often its key was called),
 * `gate` (opened by the test, fails when aborted), `stubborn` (a gate that ignores it); others hang.
 */
export class TestEffects {
  readonly calls: { readonly key: string; readonly attempt: number }[] = [];
  readonly aborted: string[] = [];
  readonly #gates = new Map<string, { readonly open: (value: Json) => void; readonly fail: (error: Error) => void }>();
  readonly #begun = new Map<string, () => void>();

  readonly run: RunEffect = async (call, context) => {
    this.calls.push({ key: call.key, attempt: context.attempt });
    this.#begun.get(call.key)?.();
    context.signal.onAbort(() => this.aborted.push(call.key));
    switch (call.kind) {
      case "echo":
        return call.input;
      case "fail":
        throw new DurableFailure({ type: "https://example.com/errors/unavailable", status: 503 });
      case "flaky":
        return this.#flaky(call.input, context);
      case "count":
        return this.countOf(call.key);
      case "gate":
        return this.#gate(call.key, context.signal);
      case "stubborn":
        return this.#gate(call.key, NEVER_ABORTED);
      default:
        return new Promise<Json>(() => {});
    }
  };

  /** Resolves when the effect `key` has begun. */
  begun(key: string): Promise<void> {
    if (this.calls.some((call) => call.key === key)) return Promise.resolve();
    return new Promise((resolve) => this.#begun.set(key, resolve));
  }

  open(key: string, value: Json): void {
    this.#gates.get(key)?.open(value);
  }

  countOf(key: string): number {
    return this.calls.filter((call) => call.key === key).length;
  }

  #flaky(input: Json, context: EffectRunContext): Json {
    if (context.attempt < Number(input))
      throw new DurableFailure({ type: "https://example.com/errors/flaky", status: 500 });
    return context.attempt;
  }

  #gate(key: string, signal: CancelSignal): Promise<Json> {
    return new Promise((open, fail) => {
      this.#gates.set(key, { open, fail });
      signal.onAbort(() => fail(new Error("aborted")));
    });
  }
}

const NEVER_ABORTED: CancelSignal = { aborted: false, onAbort: () => () => {} };

const gate = (key: string, crash: "safe" | "repeat" | "unknown" = "repeat") => ({
  key,
  kind: "gate",
  input: null,
  crash,
});

/** Runs the suite that every host must pass. */
export function describeDurableHost(name: string, kind: TestHostKind): void {
  const start = (program: DurableProgram, input: Json = null, snapshots: "every" | "default" = "default") => {
    const effects = new TestEffects();
    const host = kind.createHost({ programs: { program }, runEffect: effects.run, snapshots });
    return { effects, host, run: host.start({ program: "program", input }) };
  };

  describe(`${name}: corpus`, () => {
    const programs = {
      ...CHILD_PROGRAMS,
      ...Object.fromEntries(Object.entries(CORPUS).map(([key, { program }]) => [key, program])),
    };
    const cases = Object.entries(CORPUS).flatMap(([key, entry]) =>
      (["default", "every"] as const).map((snapshots) => ({ key, snapshots, ...entry })),
    );
    test.each(cases)("$key with snapshots: $snapshots", async ({ key, snapshots, input, output, reports }) => {
      const host = kind.createHost({ programs, runEffect: new TestEffects().run, snapshots });
      const run = host.start({ program: key, input });
      expect(await run.ended).toEqual({ kind: "completed", output });
      if (reports !== undefined) expect(programEvents(run)).toEqual(reports);
      await host.close?.();
    });
  });

  describe(`${name}: behaviour`, () => {
    test("a program's failure is the execution's", async () => {
      const { run } = start(CHILD_PROGRAMS.fails ?? failMissing);
      expect(await run.ended).toEqual({
        kind: "failed",
        failure: { type: "https://example.com/errors/broken", status: 418, title: "broken" },
      });
    });

    test("branches see results in the order in which they came", async () => {
      const { effects, run } = start(async (durable) => {
        const order: string[] = [];
        await Promise.all(["a", "b"].map((key) => durable.effect(gate(key)).then(() => order.push(key))));
        return order;
      });
      await Promise.all([effects.begun("a"), effects.begun("b")]);
      effects.open("b", null);
      if (kind.isChaotic) await waitForCall(effects, "a");
      effects.open("a", null);
      await keepOpening(kind, effects, run, ["a", "b"]);
      const end = await run.ended;
      expect(end).toMatchObject({ kind: "completed" });
      if (!kind.isChaotic) expect(end).toEqual({ kind: "completed", output: ["b", "a"] });
    });

    test("items are received in order, buffered before anybody asks, and matched by filter", async () => {
      const { run } = start(async (durable) => {
        const match = (type: string) => (item: { data: Json }) =>
          typeof item.data === "object" && item.data !== null && "type" in item.data && item.data.type === type;
        const b = await durable.receive({ key: "b", match: match("b") });
        const first = await durable.receive({ key: "a1", match: match("a") });
        const second = await durable.receive({ key: "a2", match: match("a") });
        return [b.data, first.data, second.data];
      });
      for (const [type, n] of [
        ["a", 1],
        ["a", 2],
        ["b", 3],
      ] as const)
        run.send("event", { type, n });
      expect(await run.ended).toEqual({
        kind: "completed",
        output: [
          { type: "b", n: 3 },
          { type: "a", n: 1 },
          { type: "a", n: 2 },
        ],
      });
    });

    test("buffered items and first deadlines travel with a snapshot, and no item comes twice", async () => {
      const program: DurableProgram = async (durable, _input, restored) => {
        const state = (restored ?? { startMs: durable.now() }) as { startMs: number };
        const delayMs = restored === undefined ? 10_000 : 10_000_000;
        const timer = durable.sleepUntil({ key: "timer", dueAtMs: durable.now() + delayMs });
        if (restored === undefined) await durable.receive({ key: "go", match: (item) => item.data === "go" });
        durable.snapshot(() => ({ startMs: state.startMs }));
        durable.report({ type: "snapped", data: null });
        const items: Json[] = [];
        for (const key of ["first", "second"]) items.push((await durable.receive({ key, match: () => true })).data);
        await timer;
        const elapsedMs = durable.now() - state.startMs;
        return [...items, elapsedMs >= 10_000 && elapsedMs < 10_000_000];
      };
      const { run } = start(program, null, "every");
      run.send("message", "early");
      run.send("message", "go");
      await untilEvent(run, "snapped");
      run.crash();
      run.send("message", "late");
      expect(await run.ended).toEqual({ kind: "completed", output: ["early", "late", true] });
    });

    test("no snapshot forgets an unknown effect that runs", async () => {
      const { effects, run } = start(
        async (durable) => {
          const running = durable.effect(gate("runs", "unknown")).catch((error) => error.failure.title);
          await durable.receive({ key: "go", match: () => true });
          durable.snapshot(() => ({}));
          durable.report({ type: "offered", data: null });
          return running;
        },
        null,
        "every",
      );
      await effects.begun("runs");
      run.send("message", "go");
      await untilEvent(run, "offered");
      run.crash();
      expect(await run.ended).toEqual({ kind: "completed", output: "outcome unknown" });
      expect(effects.countOf("runs")).toBe(1);
    });

    test("an unknown effect that was cut off is not repeated: its outcome is unknown", async () => {
      const { effects, run } = start(async (durable) => {
        try {
          return await durable.effect(gate("once", "unknown"));
        } catch (error) {
          if (!(error instanceof DurableFailure)) throw error;
          return { title: error.failure.title ?? "", retryable: error.failure.retryable ?? true };
        }
      });
      await effects.begun("once");
      run.crash();
      expect(await run.ended).toEqual({ kind: "completed", output: { title: "outcome unknown", retryable: false } });
      expect(effects.countOf("once")).toBe(1);
    });

    test("an effect that may repeat is done again after a crash", async () => {
      const { effects, run } = start((durable) => durable.effect(gate("again")));
      await effects.begun("again");
      run.crash();
      await keepOpening(kind, effects, run, ["again"]);
      expect(await run.ended).toEqual({ kind: "completed", output: "again" });
      expect(effects.countOf("again")).toBeGreaterThanOrEqual(2);
    });

    test("recorded results are never asked for again", async () => {
      const { effects, run } = start(async (durable) => {
        await durable.effect({ key: "one", kind: "echo", input: 1, crash: "repeat" });
        await durable.effect({ key: "two", kind: "echo", input: 2, crash: "repeat" });
        return durable.effect(gate("three"));
      });
      await effects.begun("three");
      const before = effects.countOf("one");
      run.crash();
      await keepOpening(kind, effects, run, ["three"]);
      await run.ended;
      expect(effects.countOf("one")).toBe(before);
      if (!kind.isChaotic) expect(effects.countOf("two")).toBe(1);
    });

    test("cancel ends timers and receives, aborts effects, and is final whatever the program does", async () => {
      const { effects, run } = start(async (durable) => {
        const errors: boolean[] = [];
        const note = (error: unknown) => void errors.push(error instanceof CancelledError);
        await Promise.all([
          durable.effect(gate("works")).catch(note),
          durable.sleepUntil({ key: "sleeps", dueAtMs: durable.now() + 86_400_000_000 }).catch(note),
          durable.receive({ key: "waits", match: () => true }).catch(note),
        ]);
        durable.report({ type: "noted", data: errors });
        return "not cancelled at all";
      });
      await effects.begun("works");
      run.cancel();
      run.cancel();
      expect(await run.ended).toEqual({ kind: "cancelled" });
      expect(effects.aborted).toContain("works");
      expect(run.events.filter(({ type }) => type === "noted").map(({ data }) => data)).toEqual([[true, true, true]]);
    });

    test("cancel reaches children first: the parent ends after them", async () => {
      const effects = new TestEffects();
      const programs: Record<string, DurableProgram> = {
        parent: (durable) => durable.child({ key: "c", program: "child", target: null, input: null, mode: "wait" }),
        child: (durable) => durable.effect({ ...gate("inside"), kind: "stubborn" }),
      };
      const host = kind.createHost({ programs, runEffect: effects.run, snapshots: "default" });
      const run = host.start({ program: "parent", input: null });
      const childAtEnd = run.ended.then(() => endOfChild(host, run));
      await effects.begun("inside");
      run.cancel();
      await until(() => effects.aborted.includes("inside"));
      await keepOpening(kind, effects, run, ["inside"]);
      expect(await run.ended).toEqual({ kind: "cancelled" });
      expect(await childAtEnd).toBe("cancelled");
    });

    test("a deadline passes down to a child and the parent goes on", async () => {
      const effects = new TestEffects();
      const programs: Record<string, DurableProgram> = {
        parent: (durable) =>
          durable
            .scope({ key: "limit", deadlineAtMs: durable.now() + 1000 }, (scope) =>
              scope.child({ key: "c", program: "child", target: null, input: null, mode: "wait" }),
            )
            .catch((error: Error) => error.name),
        child: async (durable) => {
          await durable.sleepUntil({ key: "for-ever", dueAtMs: durable.now() + 1e12 }).catch(() => {});
          durable.report({ type: "never", data: null });
          return null;
        },
      };
      const host = kind.createHost({ programs, runEffect: effects.run, snapshots: "default" });
      const run = host.start({ program: "parent", input: null });
      expect(await run.ended).toEqual({ kind: "completed", output: "DeadlineError" });
      await until(() => endOfChild(host, run) === "cancelled");
    });

    test("what a scope leaves running ends with it", async () => {
      const { effects, run } = start(async (durable) => {
        await durable.scope({ key: "s" }, async (scope) => {
          void scope.effect(gate("left"));
          await scope.effect({ key: "quick", kind: "echo", input: 1, crash: "repeat" });
        });
        return durable.effect(gate("after"));
      });
      await effects.begun("after");
      await until(() => effects.aborted.includes("left"));
      await keepOpening(kind, effects, run, ["after"]);
      expect(await run.ended).toEqual({ kind: "completed", output: "after" });
    });

    test("a child that nobody waits for any more ends with its parent", async () => {
      const effects = new TestEffects();
      const programs: Record<string, DurableProgram> = {
        parent: async (durable) => {
          void durable.child({ key: "c", program: "child", target: null, input: null, mode: "wait" });
          return durable.effect(gate("parent"));
        },
        child: (durable) => durable.effect(gate("inside")),
      };
      const host = kind.createHost({ programs, runEffect: effects.run, snapshots: "default" });
      const run = host.start({ program: "parent", input: null });
      await Promise.all([effects.begun("parent"), effects.begun("inside")]);
      await keepOpening(kind, effects, run, ["parent"]);
      expect(await run.ended).toEqual({ kind: "completed", output: "parent" });
      await until(() => endOfChild(host, run) === "cancelled");
    });

    test("a receive that was cancelled takes no item", async () => {
      const { run } = start(async (durable) => {
        const limit = { key: "limit", deadlineAtMs: durable.now() + 1000 };
        const first = await durable
          .scope(limit, (scope) => scope.receive({ key: "first", match: () => true }))
          .catch((error: Error) => error.name);
        durable.report({ type: "passed", data: null });
        const second = await durable.receive({ key: "second", match: () => true });
        return [first === "DeadlineError", second.data];
      });
      await untilEvent(run, "passed");
      run.send("message", "hello");
      expect(await run.ended).toEqual({ kind: "completed", output: [true, "hello"] });
    });

    test("a paused execution begins nothing after a crash either", async () => {
      const { effects, run } = start((durable) => durable.effect(gate("again")));
      await effects.begun("again");
      run.pause();
      await turns(20);
      const before = effects.countOf("again");
      run.crash();
      await turns(20);
      expect(effects.countOf("again")).toBe(before);
      run.resume();
      await keepOpening(kind, effects, run, ["again"]);
      expect(await run.ended).toEqual({ kind: "completed", output: "again" });
    });

    test("pause lets running effects end and begins none; resume goes on", async () => {
      const { effects, run } = start(async (durable) => {
        const first = await durable.effect(gate("first"));
        durable.report({ type: "between", data: null });
        return [first, await durable.effect({ key: "second", kind: "echo", input: 2, crash: "repeat" })];
      });
      await effects.begun("first");
      run.pause();
      await turns(20);
      effects.open("first", 1);
      await turns(20);
      expect(effects.countOf("second")).toBe(0);
      expect(programEvents(run)).toEqual([]);
      run.resume();
      await keepOpening(kind, effects, run, ["first"], 1);
      expect(await run.ended).toEqual({ kind: "completed", output: [1, 2] });
    });

    test("a paused execution can be cancelled", async () => {
      const { effects, run } = start((durable) => durable.effect(gate("first")));
      await effects.begun("first");
      run.pause();
      run.cancel();
      expect(await run.ended).toEqual({ kind: "cancelled" });
    });

    test("a new execution has passed every change of its program", async () => {
      const { run } = start(async (durable) => {
        const before = durable.patched("change");
        await durable.effect({ key: "x", kind: "echo", input: null, crash: "repeat" });
        return [before, durable.patched("change"), durable.patched("other")];
      });
      run.crash();
      expect(await run.ended).toMatchObject({ kind: "completed", output: [true, true, true] });
    });

    test("an emitted event is published once", async () => {
      const event = { specversion: "1.0", id: "e1", source: "/test", type: "t" };
      const { run } = start((durable) => durable.effect({ key: "emit", kind: "emit", input: event, crash: "repeat" }));
      expect(await run.ended).toEqual({ kind: "completed", output: event });
      expect(run.events.filter(({ type }) => type === "event.emitted").map(({ data }) => data)).toEqual([{ event }]);
    });

    test("an error that is no failure fails the execution as a runtime error", async () => {
      const { run } = start(async () => {
        throw new TypeError("a bug");
      });
      expect(await run.ended).toMatchObject({ kind: "failed", failure: { status: 500, detail: "a bug" } });
    });
  });
}

/** Types of what the program reported, in order. */
function programEvents(run: TestExecution): string[] {
  return run.events
    .map(({ type }) => type)
    .filter((type) => !type.startsWith("execution.") && type !== "event.emitted");
}

/** On a host that kills at random, gates close again with each crash: opens them until the execution has ended. */
async function keepOpening(
  kind: TestHostKind,
  effects: TestEffects,
  run: TestExecution,
  keys: readonly string[],
  value?: Json,
): Promise<void> {
  let isOver = false;
  void run.ended.then(() => {
    isOver = true;
  });
  const deadline = Date.now() + 10_000;
  while (!isOver && Date.now() < deadline) {
    for (const key of keys) effects.open(key, value ?? key);
    await turns(1);
  }
  expect(isOver, `${kind.isChaotic ? "chaotic " : ""}execution must end`).toBe(true);
}

async function waitForCall(effects: TestEffects, key: string): Promise<void> {
  await effects.begun(key);
}

async function untilEvent(run: TestExecution, type: string): Promise<void> {
  await until(() => run.events.some((event) => event.type === type));
}

async function until(test: () => boolean): Promise<void> {
  const deadline = Date.now() + 10_000;
  while (!test()) {
    if (Date.now() > deadline) throw new Error(`it did not happen within ten seconds: ${test}`);
    await turns(1);
  }
}

/** How the child with key `c` of a parent ended; `cancelled` too where a host shows no children. */
function endOfChild(host: TestHost, parent: TestExecution): string | undefined {
  if (host.find === undefined) return "cancelled";
  const child = host.find(childExecutionId({ parentId: parent.id, key: "c", program: "child" }));
  const last = child?.events.findLast(({ type }) => type.startsWith("execution."));
  return last?.type === undefined ? undefined : last.type.slice("execution.".length);
}

/** Lets everything that can happen without the outside happen. */
async function turns(count: number): Promise<void> {
  for (let i = 0; i < count; i++) await new Promise<void>((resolve) => setImmediate(resolve));
}

const failMissing: DurableProgram = () => Promise.reject(new Error("the corpus has no such program"));
