import { describe, expect, test } from "vitest";
import { createWorkflowProgram } from "./index.ts";
import { doing, eventsOf, runScenario, withProgram } from "./testing.testsuite.ts";

const fast = withProgram(createWorkflowProgram({ maxPureSteps: 5_000 }));
const noProgress = { title: "no progress", status: 500, type: expect.stringMatching(/\/errors\/runtime$/) };

describe("loops without end", () => {
  test.each([
    ["a jump to itself", "[{ a: { set: { x: 1 }, then: a } }]", "/do/0/a"],
    ["two tasks that jump to one another", "[{ a: { set: { x: 1 } } }, { b: { set: { x: 2 }, then: a } }]", "/do/0/a"],
    [
      "a retry without delay of what always fails",
      "[{ a: { try: [{ bad: { raise: { error: { type: e, status: 500 } } } }], catch: { retry: {} } } }]",
      "/do/0/a/try/0/bad",
    ],
    [
      "a loop that catches everything",
      "[{ a: { try: [{ b: { set: { x: 1 }, then: b } }], catch: { do: [{ c: { set: { x: 2 } } }] }, then: a } }]",
      "/do/0/a/try/0/b",
    ],
    [
      "a branch beside one that waits",
      "[{ a: { fork: { branches: [{ w: { wait: P300D } }, { b: { do: [{ c: { set: { x: 1 }, then: c } }] } }] } } }]",
      "/do/0/a/fork/branches/1/b/do/0/c",
    ],
    ["a fork in a loop", "[{ a: { fork: { branches: [{ b: { set: { x: 1 } } }] }, then: a } }]", "/do/0/a"],
  ])("%s faults", async (_name, tasks, instance) => {
    const { end } = await runScenario({ definition: doing(tasks) }, fast);
    expect(end).toMatchObject({ kind: "failed", failure: { ...noProgress, instance } });
  });

  test("a loop that waits for the world goes on", async () => {
    const run = await runScenario(
      {
        input: { n: 0 },
        definition: doing(`
          - pause: { wait: { milliseconds: 1 } }
          - work: { for: { in: "[range(2000)]" }, do: [{ a: { set: . } }] }
          - count: { set: "{ n: (.n + 1) }" }
          - again: { switch: [{ more: { when: .n < 4, then: pause } }, { done: { then: end } }] }
        `),
      },
      fast,
    );
    expect(run.end).toEqual({ kind: "completed", output: { n: 4 } });
  });

  test("a crash in a long pure loop changes nothing", async () => {
    const definition = doing(
      "[{ loop: { for: { in: '[range(40000)]' }, do: [{ a: { set: '{ n: ((.n // 0) + $item) }' } }] } }]",
    );
    for (let seed = 1; seed <= 5; seed += 1) {
      const run = await runScenario(
        { definition },
        { chaos: { seed, rate: 0.5 }, wantsSnapshot: ({ entries }) => entries > 1 },
      );
      expect(run.end).toEqual({ kind: "completed", output: { n: 799_980_000 } });
    }
  });

  test("a long pure loop hands the turn back now and then", async () => {
    const run = await runScenario({
      definition: { do: [{ loop: { for: { in: "[range(50000)]" }, do: [{ a: { set: "{ n: $item }" } }] } }] },
    });
    expect(run.end).toEqual({ kind: "completed", output: { n: 49_999 } });
    const timers = run.execution.journal.filter((entry) => entry.kind === "timer").map((entry) => entry.key);
    expect(timers).toHaveLength(4);
    expect(timers.every((key) => key.startsWith("/do/0/loop/do/0/a#") && key.endsWith("/rest"))).toBe(true);
    expect(eventsOf(run, "task.iterations")).toHaveLength(1);
  });
});

test("sequence, loops, branches, tries and data flow cost no journal entry", async () => {
  const run = await runScenario({
    input: { items: [1, 2, 3] },
    definition: {
      do: [
        { loop: { for: { in: ".items" }, do: [{ a: { set: "{ n: $item }" } }] } },
        {
          both: {
            fork: { branches: [{ a: { set: { a: 1 } } }, { b: { set: { b: 2 } } }] },
          },
        },
        {
          attempt: { try: [{ bad: { raise: { error: { type: "https://example.com/e", status: 400 } } } }], catch: {} },
        },
      ],
    },
  });
  expect(run.execution.journal.map((entry) => entry.kind)).toEqual(["start", "completed"]);
});

test("100,000 set tasks take less than a second of work", async () => {
  const scenario = {
    definition: { do: [{ loop: { for: { in: "[range(100000)]" }, do: [{ a: { set: "{ n: $item }" } }] } }] },
  };
  let bestMs = Number.POSITIVE_INFINITY;
  for (let round = 1; round <= 4; round += 1) {
    const before = process.cpuUsage();
    const { end } = await runScenario(scenario);
    expect(end.kind).toBe("completed");
    bestMs = Math.min(bestMs, process.cpuUsage(before).user / 1_000);
  }
  expect(bestMs).toBeLessThan(1_000);
});
