import { createMemoryHost, type DurableProgram, VirtualClock } from "@stigmer/durable";
import { describe, expect, test } from "vitest";
import { corpusInput } from "./corpus/corpus.testsuite.ts";
import { workflowProgram } from "./index.ts";
import { doing } from "./testing.testsuite.ts";

/** Starts a workflow on a host whose effects run until they are cancelled. */
function startStuck(definition: ReturnType<typeof doing>, programs: Readonly<Record<string, DurableProgram>> = {}) {
  const clock = new VirtualClock();
  const began = Promise.withResolvers<void>();
  const aborted: string[] = [];
  const host = createMemoryHost({
    programs: { workflow: workflowProgram, ...programs },
    clock,
    settle: (done) => void setImmediate(done),
    runEffect: (call, { signal }) => {
      began.resolve();
      return new Promise((_resolve, reject) => {
        signal.onAbort(() => {
          aborted.push(call.key);
          reject(new Error("aborted"));
        });
      });
    },
  });
  const input = corpusInput({ name: "", file: "", definition }, clock.now());
  const execution = host.start({ program: "workflow", input: JSON.parse(JSON.stringify(input)) });
  return { execution, began: began.promise, aborted };
}

describe("cancel", () => {
  test("ends the run, aborts its effect, and no try catches it", async () => {
    const { execution, began, aborted } = startStuck(
      doing(`
        - attempt:
            try: [{ call: { call: http, with: { method: post, endpoint: https://example.com } } }]
            catch: { retry: {}, do: [{ never: { set: { caught: true } } }] }
        - after: { set: { never: true } }
      `),
    );
    await began;
    execution.cancel();
    expect(await execution.ended).toEqual({ kind: "cancelled" });
    expect(aborted).toEqual(["/do/0/attempt/try/0/call#1"]);
    const events = execution.events.map(({ type, data }) => [type, (data as { reference?: string } | null)?.reference]);
    expect(events).toEqual([
      ["execution.created", undefined],
      ["execution.started", undefined],
      ["task.started", "/do/0/attempt"],
      ["task.started", "/do/0/attempt/try/0/call"],
      ["task.cancelled", "/do/0/attempt/try/0/call"],
      ["task.cancelled", "/do/0/attempt"],
      ["execution.cancelled", undefined],
    ]);
  });

  test("ends a process that no task waits for", async () => {
    const { execution, began, aborted } = startStuck(
      doing("[{ a: { run: { shell: { command: sleep 100 }, await: false } } }, { b: { wait: PT1H } }]"),
    );
    await began;
    execution.cancel();
    expect(await execution.ended).toEqual({ kind: "cancelled" });
    expect(aborted).toEqual(["/do/0/a#1"]);
  });

  test("ends every branch of a fork", async () => {
    const { execution, began, aborted } = startStuck(
      doing(`
        - both:
            fork:
              branches:
                - a: { call: http, with: { method: post, endpoint: https://example.com/a } }
                - b: { do: [{ c: { call: http, with: { method: post, endpoint: https://example.com/b } } }] }
                - d: { wait: { days: 1 } }
      `),
    );
    await began;
    execution.cancel();
    expect(await execution.ended).toEqual({ kind: "cancelled" });
    expect(aborted.sort()).toEqual(["/do/0/both/fork/branches/0/a#1", "/do/0/both/fork/branches/1/b/do/0/c#1"]);
    const cancelled = execution.events.filter(({ type }) => type === "task.cancelled");
    expect(cancelled.map(({ data }) => (data as { name: string }).name).sort()).toEqual(["a", "b", "both", "c", "d"]);
  });
});

test("a timeout aborts the effects inside it", async () => {
  const { execution, aborted } = startStuck(
    doing(`
      - group:
          timeout: { after: { seconds: 1 } }
          do: [{ pause: { wait: PT0.5S } }, { later: { fork: { branches: [{ a: { wait: PT1H } }] } } }]
    `),
  );
  const end = await execution.ended;
  expect(end).toMatchObject({ kind: "failed", failure: { status: 408, instance: "/do/0/group" } });
  expect(aborted).toEqual([]);
});
