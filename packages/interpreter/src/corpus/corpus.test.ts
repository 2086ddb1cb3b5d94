import { describe, expect, test } from "vitest";
import { type CorpusCase, interpreterCorpus } from "./corpus.testsuite.ts";
import { type CorpusRun, runInMemory } from "./memory-run.testsuite.ts";

const corpus = interpreterCorpus();

describe.each([...new Set(corpus.map((entry) => entry.file))])("%s", (file) => {
  test.each(corpus.filter((entry) => entry.file === file))("$name", async (entry) => {
    expectCase(entry, await runInMemory(entry));
  });
});

function expectCase(entry: CorpusCase, run: CorpusRun): void {
  expectEnd(entry, run);
  const started = run.execution.events.filter((event) => event.type === "task.started").map((event) => event.data);
  const references = started.map((data) => (data as { readonly reference: string }).reference);
  if (entry.tasks !== undefined) expect(references).toEqual(entry.tasks);
  for (const [reference, count] of Object.entries(entry.runs ?? {}))
    expect([reference, references.filter((other) => other === reference).length]).toEqual([reference, count]);
  if (entry.elapsedMs !== undefined) expect(run.elapsedMs).toBe(entry.elapsedMs);
  if (entry.calls !== undefined) expect(run.calls).toEqual(entry.calls);
  if (entry.sent !== undefined) expect(run.sent).toEqual(entry.sent);
  if (entry.started !== undefined) expect(run.started).toEqual(entry.started);
}

function expectEnd(entry: CorpusCase, { end }: CorpusRun): void {
  if (entry.exactError !== undefined) expect(end).toEqual({ kind: "failed", failure: entry.exactError });
  else if (entry.error !== undefined) expect(end).toMatchObject({ kind: "failed", failure: entry.error });
  else expect(end).toEqual({ kind: "completed", output: entry.output ?? null });
}
