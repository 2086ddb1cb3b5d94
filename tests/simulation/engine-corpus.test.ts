import { type ActivationEnd, type DurableProgram, type Json, VirtualClock } from "@stigmer/durable";
import { workflowProgram } from "@stigmer/interpreter";
import {
  type CorpusCase,
  corpusEffects,
  corpusInput,
  interpreterCorpus,
  outcomeOf,
  type ScriptedOutcome,
} from "@stigmer/interpreter/testsuite";
import { describe, expect, test } from "vitest";
import { EngineHost, type LoggedEvent, specOf } from "./engine-host.ts";

/** Most timers that a case may need; more is a case that never ends. */
const MAX_JUMPS = 100_000;

const corpus = interpreterCorpus();

/** The corpus as `packages/interpreter` has it on the memory host: here on the engine, its store and its runner. */
describe.each([...new Set(corpus.map((entry) => entry.file))])("engine and runner: %s", (file) => {
  test.each(corpus.filter((entry) => entry.file === file))("$name", async (entry) => {
    expectCase(entry, await runOnEngine(entry));
  });
});

interface CaseRun {
  readonly end: ActivationEnd;
  readonly events: readonly LoggedEvent[];
  readonly elapsedMs: number;
  readonly calls: readonly Json[];
  readonly sent: readonly Json[];
  readonly started: readonly Json[];
}

async function runOnEngine(entry: CorpusCase): Promise<CaseRun> {
  const clock = new VirtualClock();
  const startMs = clock.now();
  const calls: Json[] = [];
  const sent: Json[] = [];
  const started: Json[] = [];
  const host = new EngineHost({
    clock,
    programs: { workflow: workflowProgram, scripted: scriptedChild },
    runEffect: corpusEffects(entry, (call, input) => {
      calls.push(call as unknown as Json);
      sent.push(input);
    }),
    resolveDefinition: ({ program, target, input }) => {
      started.push({ program, target, input });
      return {
        spec: specOf("scripted", "{}", { outcome: Object.values(entry.children ?? {}).at(-1) ?? { ok: null } }),
      };
    },
  });
  const { definition, execution, ...input } = corpusInput(entry, startMs);
  const { id } = execution;
  for (const { afterMs, event } of entry.events ?? [])
    clock.setTimer(startMs + afterMs, () => void host.engine.publish({ event }));
  for (const { afterMs, decision } of entry.decisions ?? [])
    clock.setTimer(startMs + afterMs, () => void host.engine.deliver({ id, kind: "decision", data: decision }));
  await host.engine.start({ id, spec: specOf("workflow", JSON.stringify(definition), input as never) });
  const end = await untilEnd(host, clock, host.ended(id));
  host.close();
  const { endedAtMs = Number.NaN, createdAtMs } = host.engine.get(id) ?? { createdAtMs: 0 };
  return { end, events: host.events(id) ?? [], elapsedMs: endedAtMs - createdAtMs, calls, sent, started };
}

/** Time stands still while anything is under way, and then jumps to the next timer. */
async function untilEnd<T>(host: EngineHost, clock: VirtualClock, ended: Promise<T>): Promise<T> {
  let end: { readonly value: T } | undefined;
  void ended.then((value) => {
    end = { value };
  });
  for (let jumps = 0; jumps < MAX_JUMPS; jumps++) {
    await host.quiet();
    if (end !== undefined) return end.value;
    if (!clock.jump()) throw new Error("the case has not ended, and nothing follows by itself");
  }
  throw new Error(`the case has not ended after ${MAX_JUMPS} timers`);
}

const scriptedChild: DurableProgram = async (_durable, input) =>
  outcomeOf((input as { readonly outcome: Json }).outcome as ScriptedOutcome, "child");

function expectCase(entry: CorpusCase, run: CaseRun): void {
  expectEnd(entry, run.end);
  const references = run.events
    .filter(({ type }) => type === "task.started")
    .map(({ data }) => (data as { readonly reference: string }).reference);
  if (entry.tasks !== undefined) expect(references).toEqual(entry.tasks);
  for (const [reference, count] of Object.entries(entry.runs ?? {}))
    expect([reference, references.filter((other) => other === reference).length]).toEqual([reference, count]);
  if (entry.elapsedMs !== undefined) expect(run.elapsedMs).toBe(entry.elapsedMs);
  if (entry.calls !== undefined) expect(run.calls).toEqual(entry.calls);
  if (entry.sent !== undefined) expect(run.sent).toEqual(entry.sent);
  if (entry.started !== undefined) expect(run.started).toEqual(entry.started);
}

function expectEnd(entry: CorpusCase, end: ActivationEnd): void {
  if (entry.exactError !== undefined) expect(end).toEqual({ kind: "failed", failure: entry.exactError });
  else if (entry.error !== undefined) expect(end).toMatchObject({ kind: "failed", failure: entry.error });
  else expect(end).toEqual({ kind: "completed", output: entry.output ?? null });
}
