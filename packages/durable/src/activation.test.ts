import { describe, expect, test } from "vitest";
import {
  Activation,
  type ActivationEnd,
  type ActivationPort,
  DurableFailure,
  type DurableProgram,
  type EffectCall,
  type HostItem,
  type IdleState,
  type JournalEntry,
  type Json,
  type ReportedEvent,
  startBody,
  VirtualClock,
} from "./index.ts";

const START: JournalEntry = {
  seq: 1,
  atMs: 1000,
  kind: "start",
  key: "",
  body: startBody("0123456789abcdef0123456789abcdef"),
};

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

/** An activation whose journal, acknowledgements and time are in the test's hands. */
function activate(
  program: DurableProgram,
  options: {
    journal?: readonly JournalEntry[];
    reported?: number;
    inbox?: readonly HostItem[];
    answer?: (call: EffectCall) => Promise<Json>;
    startMs?: number;
    snapshots?: "every";
  } = {},
) {
  const entries: JournalEntry[] = [];
  const reports: ReportedEvent[] = [];
  const idle: IdleState[] = [];
  const ends: ActivationEnd[] = [];
  const begun: string[] = [];
  const clock = new VirtualClock({ startMs: options.startMs ?? 2000 });
  const port: ActivationPort = {
    now: () => clock.now(),
    setTimer: (atMs, fire) => clock.setTimer(atMs, fire),
    append: (entry) => entries.push(entry),
    report: (event) => reports.push(event),
    settle: (done) => void setImmediate(done),
    seed: () => "f".repeat(32),
    idle: (state) => idle.push(state),
    ended: (end) => ends.push(end),
    ...(options.snapshots === undefined ? {} : { wantsSnapshot: () => true }),
    runEffect: async (call) => {
      begun.push(call.key);
      return options.answer?.(call) ?? call.input;
    },
  };
  const activation = new Activation(
    {
      executionId: "wex_1",
      program,
      input: null,
      journal: options.journal ?? [START],
      reported: options.reported ?? 0,
      inbox: options.inbox ?? [],
    },
    port,
  );
  activation.run();
  return { activation, entries, reports, idle, ends, begun, clock };
}

const echo = (key: string, input: Json = key, crash: "safe" | "repeat" | "unknown" = "repeat"): EffectCall => ({
  key,
  kind: "echo",
  input,
  crash,
});

/** Runs a program to its end and gives the journal with the start. */
async function record(program: DurableProgram): Promise<JournalEntry[]> {
  const run = activate(program);
  for (let i = 0; i < 20; i++) {
    run.activation.acknowledge(run.entries.at(-1)?.seq ?? 0);
    await turn();
  }
  return [START, ...run.entries];
}

describe("what waits for the disk", () => {
  test.each([
    { crash: "safe", begun: ["one", "two"] },
    { crash: "repeat", begun: ["one"] },
    { crash: "unknown", begun: [] },
  ] as const)("an effect of class $crash", async ({ crash, begun }) => {
    const run = activate(async (durable) => {
      await durable.effect(echo("one", 1, crash));
      return durable.effect(echo("two", 2, crash));
    });
    await turn();
    await turn();
    expect(run.begun).toEqual(begun);
    run.activation.acknowledge(2);
    await turn();
    await turn();
    expect(run.begun).toEqual(crash === "unknown" ? ["one"] : ["one", "two"]);
  });

  test("the program itself and the end of the execution do not wait", async () => {
    const run = activate(async (durable) => Number(await durable.effect(echo("one", 1))) + 1);
    await turn();
    expect(run.entries.map(({ kind }) => kind)).toEqual(["result", "completed"]);
    expect(run.ends).toEqual([{ kind: "completed", output: 2 }]);
  });

  test("an intent rides with the result before it", async () => {
    const run = activate(async (durable) => {
      await durable.effect(echo("one", 1));
      return durable.effect(echo("two", 2, "unknown"));
    });
    await turn();
    expect(run.entries.map(({ kind, key }) => `${kind} ${key}`)).toEqual(["result one", "intent two"]);
    run.activation.acknowledge(2);
    expect(run.begun).toEqual(["one"]);
    run.activation.acknowledge(3);
    expect(run.begun).toEqual(["one", "two"]);
  });

  test("a program that emits without end waits for its host now and then", async () => {
    const run = activate(async (durable) => {
      for (let i = 0; i < 5000; i++) await durable.effect({ ...echo(`e${i}`), kind: "emit" });
      return "done";
    });
    for (let i = 0; i < 1100; i++) await turn();
    const before = run.entries.length;
    expect(before).toBeGreaterThan(900);
    expect(before).toBeLessThan(1100);
    for (let i = 0; i < 5; i++) await turn();
    expect(run.entries).toHaveLength(before);
    run.activation.acknowledge(500);
    for (let i = 0; i < 5; i++) await turn();
    expect(run.entries.length).toBeGreaterThan(before);
    run.activation.drop();
  });

  test("a timer that a replay would make again holds nothing back", async () => {
    const run = activate((durable) =>
      durable.scope({ key: "limit", deadlineAtMs: durable.now() + 1000 }, (scope) => scope.effect(echo("one"))),
    );
    await turn();
    expect(run.begun).toEqual(["one"]);
  });
});

describe("replay", () => {
  const twoSteps: DurableProgram = async (durable) => {
    const one = await durable.effect(echo("one", 1));
    durable.report({ type: "between", data: null });
    const two = await durable.effect(echo("two", 2));
    return [one, two];
  };

  test("asks for nothing that is recorded and reports nothing twice", async () => {
    const journal = await record(twoSteps);
    const run = activate(twoSteps, { journal: journal.slice(0, -1), reported: 1 });
    await turn();
    await turn();
    await turn();
    await turn();
    expect(run.begun).toEqual([]);
    expect(run.reports).toEqual([]);
    expect(run.ends).toEqual([{ kind: "completed", output: [1, 2] }]);
    expect(run.entries).toMatchObject([{ kind: "completed", seq: journal.length }]);
  });

  test("now is the time of the last answer", async () => {
    const times: number[] = [];
    const program: DurableProgram = async (durable) => {
      times.push(durable.now());
      await durable.effect(echo("one", 1));
      times.push(durable.now());
      return null;
    };
    const journal = (await record(program)).slice(0, 2);
    activate(program, { journal, startMs: 999_999 });
    await turn();
    await turn();
    expect(times).toEqual([1000, 2000, 1000, 2000]);
  });

  const changes: { name: string; changed: DurableProgram; seq: number; key: string }[] = [
    { name: "another input", seq: 2, key: "one", changed: (durable) => durable.effect(echo("one", 99)) },
    {
      name: "another kind of effect",
      seq: 2,
      key: "one",
      changed: (durable) => durable.effect({ ...echo("one", 1), kind: "http" }),
    },
    { name: "another key", seq: 2, key: "one", changed: (durable) => durable.effect(echo("uno", 1)) },
    { name: "an end that comes too early", seq: 2, key: "one", changed: async () => null },
    { name: "an error that comes too early", seq: 2, key: "one", changed: () => Promise.reject(new TypeError("bug")) },
    {
      name: "a missing second call",
      seq: 3,
      key: "two",
      changed: async (durable) => [await durable.effect(echo("one", 1))],
    },
  ];
  test.each(changes)("$name suspends the execution and names the entry", async ({ changed, seq, key }) => {
    const journal = (await record(twoSteps)).slice(0, -1);
    const run = activate(changed, { journal });
    for (let i = 0; i < 5; i++) await turn();
    expect(run.ends).toMatchObject([{ kind: "suspended", reason: "JOURNAL_MISMATCH" }]);
    expect(run.ends[0]).toHaveProperty("message", expect.stringContaining(`entry ${seq} ("${key}")`));
    expect(run.entries).toEqual([]);
    expect(run.begun).toEqual([]);
  });

  test.each([
    {
      name: "a timer",
      program: (async (durable) =>
        durable.sleepUntil({ key: "t", dueAtMs: 9e15 }).then(() => null)) satisfies DurableProgram,
    },
    {
      name: "a child",
      program: ((durable) =>
        durable.child({ key: "t", program: "p", target: null, input: null, mode: "wait" })) satisfies DurableProgram,
    },
    { name: "an intent", program: ((durable) => durable.effect(echo("t", 1, "unknown"))) satisfies DurableProgram },
  ])("$name that the program does not come to again suspends it", async ({ program }) => {
    const journal = (await record(program)).slice(0, 2);
    expect(journal).toHaveLength(2);
    const run = activate((durable) => durable.receive({ key: "r", match: () => true }).then(() => null), { journal });
    await turn();
    await turn();
    expect(run.ends).toMatchObject([{ kind: "suspended", reason: "JOURNAL_MISMATCH" }]);
  });

  test.each([
    ["no JSON", "{"],
    ["no object", "[]"],
    ["a later format", '{"v":2}'],
    ["a missing member", '{"v":1}'],
  ])("a body with %s suspends it", async (_name, body) => {
    const entry: JournalEntry = { seq: 2, atMs: 1001, kind: "result", key: "one", body };
    const run = activate(twoSteps, { journal: [START, entry] });
    await turn();
    expect(run.ends).toMatchObject([{ kind: "suspended", reason: "JOURNAL_MISMATCH" }]);
  });

  test("calls are matched by key, not by order", async () => {
    const inOrder =
      (first: string, second: string): DurableProgram =>
      async (durable) =>
        Promise.all([durable.effect(echo(first)), durable.effect(echo(second))]).then(() => "done");
    const journal = (await record(inOrder("a", "b"))).slice(0, -1);
    const run = activate(inOrder("b", "a"), { journal });
    for (let i = 0; i < 5; i++) await turn();
    expect(run.ends).toEqual([{ kind: "completed", output: "done" }]);
  });

  test("a change behind patched() reaches new executions and not the part that was recorded before", async () => {
    const old: DurableProgram = async (durable) => {
      await durable.effect(echo("one", 1));
      await durable.receive({ key: "r", match: () => true });
      return "old";
    };
    const changed: DurableProgram = async (durable) => {
      const first = durable.patched("c");
      await durable.effect(echo(first ? "uno" : "one", 1));
      await durable.receive({ key: "r", match: () => true });
      return [first, durable.patched("c")];
    };
    const journal = await record(old);
    const run = activate(changed, { journal, inbox: [{ n: 1, kind: "message", data: "go" }] });
    for (let i = 0; i < 5; i++) await turn();
    expect(run.ends).toEqual([{ kind: "completed", output: [false, true] }]);
    const replayed = activate(changed, { journal: [...journal, ...run.entries.slice(0, -1)] });
    for (let i = 0; i < 6; i++) await turn();
    expect(replayed.ends).toEqual([{ kind: "completed", output: [false, true] }]);
  });
});

describe("coming to rest", () => {
  test("says when the next timer is due and what of the inbox is recorded", async () => {
    const run = activate(async (durable) => {
      await durable.receive({ key: "r", match: () => true });
      await durable.sleepUntil({ key: "later", dueAtMs: 9000 });
      await durable.sleepUntil({ key: "sooner", dueAtMs: 8000 });
      return null;
    });
    await turn();
    expect(run.idle).toEqual([{ inboxSeen: 0, lastSeq: 1, paused: false }]);
    run.activation.deliver([{ n: 1, kind: "message", data: null }]);
    await turn();
    expect(run.idle.at(-1)).toEqual({ inboxSeen: 1, lastSeq: 3, paused: false, dueAtMs: 9000 });
    run.clock.advanceTo(9000);
    await turn();
    expect(run.idle.at(-1)).toMatchObject({ dueAtMs: 8000 });
    run.clock.advanceTo(9001);
    await turn();
    expect(run.ends).toEqual([{ kind: "completed", output: null }]);
  });

  test("does not rest while an effect waits for the disk or runs", async () => {
    const run = activate((durable) => durable.effect(echo("x", 1, "unknown")), { answer: () => new Promise(() => {}) });
    await turn();
    run.activation.acknowledge(2);
    await turn();
    expect(run.begun).toEqual(["x"]);
    expect(run.idle).toEqual([]);
  });

  test("overdue timers fire late and in the order of their deadlines", async () => {
    const fired: string[] = [];
    const program: DurableProgram = async (durable) => {
      const sleep = (key: string, dueAtMs: number) => durable.sleepUntil({ key, dueAtMs }).then(() => fired.push(key));
      await Promise.all([sleep("c", 5000), sleep("a", 3000), sleep("b", 4000)]);
      return null;
    };
    const run = activate(program);
    await turn();
    run.clock.advanceTo(60_000);
    for (let i = 0; i < 5; i++) await turn();
    expect(fired).toEqual(["a", "b", "c"]);
    expect(run.entries.filter(({ kind }) => kind === "fired").map(({ key }) => key)).toEqual(["a", "b", "c"]);
  });
});

describe("what is on its way to the program", () => {
  test("is not lost by a snapshot", async () => {
    const program: DurableProgram = async (durable, _input, restored) => {
      const got = [...((restored ?? []) as Json[])];
      while (got.length < 2) {
        got.push((await durable.receive({ key: `r${got.length}`, match: () => true })).data);
        durable.snapshot(() => [...got]);
      }
      return got;
    };
    const inbox: HostItem[] = [1, 2].map((n) => ({ n, kind: "message", data: n }));
    const run = activate(program, { inbox, snapshots: "every" });
    for (let i = 0; i < 5; i++) await turn();
    expect(run.ends).toEqual([{ kind: "completed", output: [1, 2] }]);
    for (let length = 1; length < run.entries.length; length++) {
      const journal = [START, ...run.entries.slice(0, length)];
      const again = activate(program, { journal, inbox, snapshots: "every" });
      for (let i = 0; i < 6; i++) await turn();
      expect(again.ends, `after ${length} entries`).toEqual([{ kind: "completed", output: [1, 2] }]);
    }
  });

  test("does not fire a timer twice when it was held back by a pause", async () => {
    const program: DurableProgram = async (durable) => {
      await durable.sleepUntil({ key: "t", dueAtMs: 3000 });
      return durable.now();
    };
    const body = (members: object) => JSON.stringify({ v: 1, ...members });
    const journal: JournalEntry[] = [
      START,
      { seq: 2, atMs: 1000, kind: "timer", key: "t", body: body({ dueAtMs: 3000 }) },
      { seq: 3, atMs: 2500, kind: "inbox", key: "", body: body({ n: 1, kind: "pause", data: null }) },
      { seq: 4, atMs: 3000, kind: "fired", key: "t", body: body({}) },
    ];
    const run = activate(program, { journal, startMs: 5000 });
    await turn();
    run.clock.advanceTo(6000);
    await turn();
    expect(run.entries).toEqual([]);
    expect(run.idle.at(-1)).toMatchObject({ paused: true });
    run.activation.deliver([{ n: 2, kind: "resume", data: null }]);
    for (let i = 0; i < 3; i++) await turn();
    expect(run.entries.map(({ kind }) => kind)).toEqual(["inbox", "completed"]);
    expect(run.ends).toEqual([{ kind: "completed", output: 3000 }]);
  });
});

describe("limits of an effect", () => {
  test("an attempt that takes too long fails with a timeout", async () => {
    const run = activate(
      (durable) => durable.effect({ ...echo("slow"), timeoutMs: 100 }).catch((error) => error.failure.status),
      { answer: () => new Promise(() => {}) },
    );
    await turn();
    run.clock.advanceTo(2100);
    await turn();
    expect(run.ends).toEqual([{ kind: "completed", output: 408 }]);
  });

  test.each([
    { name: "an ordinary failure is retried", retryable: true, begun: ["x", "x", "x"] },
    { name: "a failure that must not be repeated is not", retryable: false, begun: ["x"] },
  ])("$name", async ({ retryable, begun }) => {
    const retry = { maxAttempts: 3, initialDelayMs: 1, coefficient: 1, maxDelayMs: 1 };
    const run = activate((durable) => durable.effect({ ...echo("x"), retry }).catch((error) => error.failure.status), {
      answer: () => Promise.reject(new DurableFailure({ type: "t", status: 503, retryable })),
    });
    for (let i = 0; i < 3; i++) {
      await turn();
      run.clock.advanceTo(run.clock.now() + 1);
    }
    await turn();
    expect(run.begun).toEqual(begun);
    expect(run.ends).toEqual([{ kind: "completed", output: 503 }]);
  });

  test("an attempt that was given up no longer counts", async () => {
    const opens: ((value: Json) => void)[] = [];
    const retry = { maxAttempts: 2, initialDelayMs: 1, coefficient: 1, maxDelayMs: 1 };
    const run = activate((durable) => durable.effect({ ...echo("x"), timeoutMs: 10, retry }), {
      answer: () => new Promise((resolve) => opens.push(resolve)),
    });
    await turn();
    run.clock.advanceTo(2011);
    await turn();
    expect(opens).toHaveLength(2);
    opens[0]?.("first");
    await turn();
    opens[1]?.("second");
    await turn();
    expect(run.ends).toEqual([{ kind: "completed", output: "second" }]);
  });

  test("a deadline that was kept is no longer waited for", async () => {
    const run = activate(async (durable) => {
      await durable.scope({ key: "s", deadlineAtMs: 9000 }, (scope) => scope.effect(echo("x")));
      return (await durable.receive({ key: "r", match: () => true })).data;
    });
    for (let i = 0; i < 3; i++) await turn();
    expect(run.idle.at(-1)).toEqual({ inboxSeen: 0, lastSeq: 3, paused: false });
  });

  test("a key that is used twice is an error of the program", async () => {
    const run = activate(async (durable) => {
      await durable.effect(echo("same"));
      return durable.effect(echo("same"));
    });
    await turn();
    expect(run.ends).toMatchObject([{ kind: "failed" }]);
  });

  test("an effect that ignores its cancel is waited for five seconds", async () => {
    const run = activate((durable) => durable.effect(echo("deaf")), { answer: () => new Promise(() => {}) });
    await turn();
    run.activation.deliver([{ n: 1, kind: "cancel", data: null }]);
    await turn();
    expect(run.ends).toEqual([]);
    run.clock.advanceTo(7001);
    expect(run.ends).toEqual([{ kind: "cancelled" }]);
  });

  test("what an effect gave after the cancel stays in the journal", async () => {
    let open = (_value: Json): void => {};
    const run = activate((durable) => durable.effect(echo("slow")), {
      answer: () =>
        new Promise((resolve) => {
          open = resolve;
        }),
    });
    await turn();
    run.activation.deliver([{ n: 1, kind: "cancel", data: null }]);
    await turn();
    open("late");
    await turn();
    await turn();
    expect(run.entries.map(({ kind }) => kind)).toEqual(["inbox", "result", "cancelled"]);
    const replayed = activate((durable) => durable.effect(echo("slow")), {
      journal: [START, ...run.entries.slice(0, 2)],
    });
    for (let i = 0; i < 5; i++) await turn();
    expect(replayed.ends).toEqual([{ kind: "cancelled" }]);
    expect(replayed.begun).toEqual([]);
  });
});
