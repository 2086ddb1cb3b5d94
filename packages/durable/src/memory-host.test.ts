import { expect, test } from "vitest";
import { createMemoryHost, type DurableProgram, VirtualClock } from "./index.ts";

const settle = (done: () => void) => void setImmediate(done);

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
  expect(run.journal.map((entry) => entry.kind)).toEqual([
    "start",
    "result",
    "timer",
    "fired",
    "intent",
    "result",
    "completed",
  ]);
  expect(run.events.map((event) => event.type)).toEqual([
    "execution.created",
    "execution.started",
    "log",
    "execution.completed",
  ]);
});
