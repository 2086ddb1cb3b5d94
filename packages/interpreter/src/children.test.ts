import { createMemoryHost, VirtualClock } from "@stigmer/durable";
import { expect, test } from "vitest";
import { corpusInput } from "./corpus/corpus.testsuite.ts";
import { workflowProgram } from "./index.ts";
import { doing, type Scenario } from "./testing.testsuite.ts";

async function runFamily(parent: Scenario["definition"], child: Scenario["definition"]) {
  const clock = new VirtualClock();
  const inputOf = (definition: Scenario["definition"], input: Scenario["input"]) =>
    JSON.parse(JSON.stringify(corpusInput({ name: "", file: "", definition, input: input ?? null }, clock.now())));
  const host = createMemoryHost({
    programs: { workflow: workflowProgram },
    clock,
    settle: (done) => void setImmediate(done),
    runEffect: async ({ input }) => input,
    resolveChild: ({ program, input }) => ({ program, input: inputOf(child, input) }),
  });
  return host.start({ program: "workflow", input: inputOf(parent, { n: 1 }) }).ended;
}

const callChild = doing(
  `[{ child: { run: { workflow: { namespace: a, name: b, input: '\${ { n: (.n + 1) } }' } } } }]`,
);

test("a child workflow gets its input and gives its output", async () => {
  const child = doing(`[{ pause: { wait: PT1S } }, { add: { set: { sum: '\${ .n + 10 }' } } }]`);
  expect(await runFamily(callChild, child)).toEqual({ kind: "completed", output: { sum: 12 } });
});

test("a child's fault can be caught, with the place of the calling task", async () => {
  const child = doing("[{ bad: { raise: { error: { type: https://example.com/e, status: 400, title: Bad } } } }]");
  expect(await runFamily(callChild, child)).toMatchObject({
    kind: "failed",
    failure: { type: "https://example.com/e", status: 400, title: "Bad", instance: "/do/0/child" },
  });
});

test("a branch that loses cancels the child it waits for", async () => {
  const parent = doing(`
    - race:
        fork:
          compete: true
          branches:
            - slow: { run: { workflow: { namespace: a, name: b } } }
            - fast: { do: [{ pause: { wait: PT1S } }, { won: { set: { won: true } } }] }
  `);
  const child = doing("[{ pause: { wait: PT1H } }]");
  expect(await runFamily(parent, child)).toEqual({ kind: "completed", output: { won: true } });
});
