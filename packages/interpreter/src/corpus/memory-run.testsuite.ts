import type { Json } from "@stigmer/dsl";
import {
  type ActivationEnd,
  createMemoryHost,
  DurableFailure,
  type DurableProgram,
  type EffectCall,
  type MemoryExecution,
  type MemoryHostOptions,
  VirtualClock,
} from "@stigmer/durable";
import { workflowProgram } from "../index.ts";
import { type CorpusCase, corpusEffects, corpusInput, failureOf } from "./corpus.testsuite.ts";

/** What came out of a case. */
export interface CorpusRun {
  readonly end: ActivationEnd;
  readonly execution: MemoryExecution;
  readonly elapsedMs: number;
  readonly calls: readonly EffectCall[];
  readonly sent: readonly Json[];
  readonly started: readonly Json[];
}

/** Runs a case on the memory host in virtual time. */
export async function runInMemory(
  entry: CorpusCase,
  options: Partial<MemoryHostOptions> = {},
  onStart: (execution: MemoryExecution) => void = () => {},
): Promise<CorpusRun> {
  const clock = new VirtualClock();
  const startMs = clock.now();
  const calls: EffectCall[] = [];
  const sent: Json[] = [];
  const started: Json[] = [];
  const host = createMemoryHost({
    programs: { workflow: workflowProgram, scripted: scriptedChild },
    clock,
    settle: (done) => void setImmediate(done),
    runEffect: corpusEffects(entry, (call, input) => {
      calls.push(call);
      sent.push(input);
    }),
    resolveChild: ({ program, target, input }) => {
      started.push({ program, target, input });
      return { program: "scripted", input: childOutcome(entry) };
    },
    ...options,
  });
  const execution = host.start({ program: "workflow", input: corpusInput(entry, startMs) as unknown as Json });
  onStart(execution);
  for (const { afterMs, event } of entry.events ?? []) clock.setTimer(startMs + afterMs, () => host.publish(event));
  for (const { afterMs, decision } of entry.decisions ?? [])
    clock.setTimer(startMs + afterMs, () => execution.send("decision", decision));
  const end = await execution.ended;
  return { end, execution, elapsedMs: clock.now() - startMs, calls, sent, started };
}

/** Every case has at most one kind of outcome for its children. */
function childOutcome(entry: CorpusCase): Json {
  return (Object.values(entry.children ?? {}).at(-1) ?? { ok: null }) as Json;
}

const scriptedChild: DurableProgram = async (_durable, input) => {
  const { ok, fail } = input as { readonly ok?: Json; readonly fail?: Parameters<typeof failureOf>[0] };
  if (fail !== undefined) throw new DurableFailure(failureOf(fail));
  return ok ?? null;
};
