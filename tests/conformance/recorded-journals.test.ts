import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Json } from "@stigmer/dsl";
import { Activation, type ActivationEnd, createMemoryHost, type JournalEntry, VirtualClock } from "@stigmer/durable";
import { workflowProgram } from "@stigmer/interpreter";
import {
  type CorpusCase,
  corpusEffects,
  corpusInput,
  interpreterCorpus,
  outcomeOf,
} from "@stigmer/interpreter/testsuite";
import { expect, test } from "vitest";

/** An execution as a release of ours wrote it. */
interface RecordedJournal {
  readonly name: string;
  readonly input: Json;
  readonly journal: readonly JournalEntry[];
}

/** One line per execution. A release adds its file and never changes one that is there. */
const FILE = join(import.meta.dirname, "journals-0.1.0.jsonl");

/** `STIGMER_RECORD_JOURNALS=1` writes the file anew: for a release that has not been published yet. */
if (process.env.STIGMER_RECORD_JOURNALS === "1") {
  const lines: string[] = [];
  // What a release refuses may run in the next one.
  const cases = interpreterCorpus().filter(({ file }) => file !== "unsupported.yaml");
  for (const entry of cases) lines.push(JSON.stringify(await record(entry)));
  writeFileSync(FILE, `${lines.join("\n")}\n`);
}

const recorded = readFileSync(FILE, "utf8")
  .trimEnd()
  .split("\n")
  .map((line): RecordedJournal => JSON.parse(line));

test("there is a journal for every kind of task", () => {
  expect(recorded.length).toBeGreaterThan(100);
});

test.each(recorded)("$name: the journal is replayed to the same end", async ({ input, journal }) => {
  const last = journal.at(-1);
  const { end, appended, effects } = await replay(input, journal.slice(0, -1));
  expect(effects).toEqual([]);
  expect(end.kind).toBe(last?.kind);
  expect(appended.map(({ kind, key, body }) => ({ kind, key, body }))).toEqual([
    { kind: last?.kind, key: last?.key, body: last?.body },
  ]);
});

/** Runs a case to its end and keeps what it wrote. */
async function record(entry: CorpusCase): Promise<RecordedJournal> {
  const clock = new VirtualClock();
  const startMs = clock.now();
  const input: Json = JSON.parse(JSON.stringify(corpusInput(entry, startMs)));
  const child = Object.values(entry.children ?? {}).at(-1) ?? { ok: null };
  const host = createMemoryHost({
    programs: { workflow: workflowProgram, child: async () => outcomeOf(child, "child") },
    clock,
    settle: (done) => void setImmediate(done),
    runEffect: corpusEffects(entry, () => {}),
    resolveChild: () => ({ program: "child", input: null }),
  });
  const execution = host.start({ program: "workflow", input });
  for (const { afterMs, event } of entry.events ?? []) clock.setTimer(startMs + afterMs, () => host.publish(event));
  for (const { afterMs, decision } of entry.decisions ?? [])
    clock.setTimer(startMs + afterMs, () => execution.send("decision", decision));
  await execution.ended;
  return { name: entry.name, input, journal: execution.journal };
}

/** Replays a journal that lacks its final entry; no effect may run for that. */
function replay(input: Json, journal: readonly JournalEntry[]) {
  const appended: JournalEntry[] = [];
  const effects: string[] = [];
  const ended = Promise.withResolvers<ActivationEnd>();
  const activation = new Activation(
    { executionId: "wex_1", program: workflowProgram, input, journal, reported: 0, inbox: [] },
    {
      now: () => journal.at(-1)?.atMs ?? 0,
      setTimer: () => () => {},
      append(entry) {
        appended.push(entry);
        setImmediate(() => activation.acknowledge(entry.seq));
      },
      report: () => {},
      async runEffect({ key }) {
        effects.push(key);
        return null;
      },
      settle: (done) => void setImmediate(done),
      seed: () => "0".repeat(32),
      idle: () => ended.reject(new Error("the replay came to rest before its end")),
      ended: (end) => ended.resolve(end),
    },
  );
  activation.run();
  return ended.promise.then((end) => ({ end, appended, effects }));
}
