import { describe, expect, test } from "vitest";
import { doing, eventsOf, runScenario } from "./testing.testsuite.ts";

describe("task events", () => {
  test("tell name, reference, run and output in order", async () => {
    const run = await runScenario({
      input: { n: 1 },
      definition: { do: [{ outer: { do: [{ a: { set: "{ n: (.n + 1) }" } }, { b: { if: "false", set: {} } }] } }] },
    });
    expect(run.execution.events.map(({ type, data }) => [type, data])).toEqual([
      ["execution.created", null],
      ["execution.started", null],
      ["task.started", { name: "outer", reference: "/do/0/outer", run: 1 }],
      ["task.started", { name: "a", reference: "/do/0/outer/do/0/a", run: 1 }],
      ["task.completed", { name: "a", reference: "/do/0/outer/do/0/a", run: 1, output: { n: 2 } }],
      ["task.skipped", { name: "b", reference: "/do/0/outer/do/1/b", run: 1 }],
      ["task.completed", { name: "outer", reference: "/do/0/outer", run: 1, output: { n: 2 } }],
      ["execution.completed", { output: { n: 2 } }],
    ]);
  });

  test("tell retries with the coming attempt, the delay and the error", async () => {
    const run = await runScenario({
      effects: { "/do/0/a/try/0/call": [{ fail: { status: 503, title: "Busy" } }, { ok: 1 }] },
      definition: {
        do: [
          {
            a: {
              try: [{ call: { call: "http", with: { method: "get", endpoint: "https://example.com" } } }],
              catch: { retry: { delay: { seconds: 2 } } },
            },
          },
        ],
      },
    });
    expect(eventsOf(run, "task.retried")).toEqual([
      {
        name: "a",
        reference: "/do/0/a",
        run: 1,
        attempt: 2,
        delayMs: 2000,
        error: expect.objectContaining({ status: 503, title: "Busy", instance: "/do/0/a/try/0/call" }),
      },
    ]);
    expect(eventsOf(run, "task.faulted").map(({ reference }) => reference)).toEqual(["/do/0/a/try/0/call"]);
    expect(eventsOf(run, "task.started").map(({ run: number }) => number)).toEqual([1, 1, 2]);
  });

  test("tell what is waited for, and which branches were cancelled", async () => {
    const run = await runScenario({
      definition: {
        do: [{ race: { fork: { compete: true, branches: [{ a: { wait: "PT1S" } }, { b: { wait: "PT9S" } }] } } }],
      },
    });
    expect(eventsOf(run, "task.waiting").map(({ until }) => until)).toEqual([
      "2026-01-01T00:00:01.000Z",
      "2026-01-01T00:00:09.000Z",
    ]);
    expect(eventsOf(run, "task.cancelled")).toEqual([{ name: "b", reference: "/do/0/race/fork/branches/1/b", run: 1 }]);
  });
});

describe("events of long loops", () => {
  const loop = (count: number, more: object = {}) => ({
    input: {},
    definition: {
      do: [
        {
          loop: {
            for: { each: "n", in: `[range(${count})]` },
            do: [{ a: { set: "{ n: $n }" } }],
            ...more,
          },
        },
      ],
    },
  });

  test("keep the first and last 100 iterations, with a count between", async () => {
    const run = await runScenario(loop(1_000));
    const outputs = eventsOf(run, "task.completed").map(({ output }) => (output as { readonly n: number }).n);
    expect(outputs).toHaveLength(201);
    expect([outputs[0], outputs[99], outputs[100], outputs[199]]).toEqual([0, 99, 900, 999]);
    expect(eventsOf(run, "task.iterations")).toEqual([{ name: "loop", reference: "/do/0/loop", run: 1, count: 800 }]);
    const types = run.execution.events.map((event) => event.type);
    expect(types.indexOf("task.iterations")).toBe(2 + 1 + 200);
  });

  test("keep all of 200 iterations", async () => {
    const run = await runScenario(loop(200));
    expect(eventsOf(run, "task.completed")).toHaveLength(201);
    expect(eventsOf(run, "task.iterations")).toEqual([]);
  });

  test("count what was left out when the loop ends early", async () => {
    const run = await runScenario(loop(1_000, { while: "$n < 350" }));
    const outputs = eventsOf(run, "task.completed").map(({ output }) => (output as { readonly n: number }).n);
    expect(outputs).toHaveLength(201);
    expect([outputs[99], outputs[100], outputs[199]]).toEqual([99, 250, 349]);
    expect(eventsOf(run, "task.iterations").map(({ count }) => count)).toEqual([150]);
  });

  test("keep what led to a fault, the iteration that failed first, with its times", async () => {
    const body = [
      { pause: { wait: "PT1S" } },
      { a: { if: "$n == 250", raise: { error: { type: "https://example.com/e", status: 400 } } } },
    ];
    const run = await runScenario({
      definition: { do: [{ loop: { for: { each: "n", in: "[range(1000)]" }, do: body } }] },
    });
    expect(run.end.kind).toBe("failed");
    const pauses = eventsOf(run, "task.started").filter(({ name }) => name === "pause");
    expect(pauses.map(({ run: number }) => number)).toEqual([
      ...Array.from({ length: 100 }, (_, index) => index + 1),
      251,
      ...Array.from({ length: 99 }, (_, index) => index + 152),
    ]);
    expect(pauses[100]?.atMs).toBe(Date.parse("2026-01-01T00:04:10Z"));
    expect(eventsOf(run, "task.iterations").map(({ count }) => count)).toEqual([51]);
  });

  test("keep every fault", async () => {
    const scenario = loop(400);
    const body = [
      {
        try: {
          try: [{ a: { if: "$n == 250", raise: { error: { type: "https://example.com/e", status: 400 } } } }],
          catch: {},
        },
      },
    ];
    const run = await runScenario({
      ...scenario,
      definition: { do: [{ loop: { for: { each: "n", in: "[range(400)]" }, do: body } }] },
    });
    expect(eventsOf(run, "task.faulted").map(({ run: number }) => number)).toEqual([251]);
  });

  test("are left out in a busy loop of jumps, with one warning", async () => {
    const run = await runScenario({
      input: { n: 0 },
      definition: doing(`
        - count: { set: "{ n: (.n + 1) }" }
        - again: { switch: [{ more: { when: .n < 12000, then: count } }, { done: { then: end } }] }
      `),
    });
    expect(run.end).toEqual({ kind: "completed", output: { n: 12_000 } });
    expect(eventsOf(run, "log")).toHaveLength(1);
    expect(run.execution.events.length).toBeLessThan(20_100);
  });
});
