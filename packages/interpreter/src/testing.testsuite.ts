import { type Json, parseText } from "@stigmer/dsl";
import type { DurableProgram, MemoryHostOptions } from "@stigmer/durable";
import type { CorpusCase } from "./corpus/corpus.testsuite.ts";
import { type CorpusRun, runInMemory } from "./corpus/memory-run.testsuite.ts";

/** A definition without `document`, with the world it needs. */
export type Scenario = Partial<CorpusCase> & Pick<CorpusCase, "definition">;

/** Runs a definition on the memory host in virtual time. */
export function runScenario(scenario: Scenario, options: Partial<MemoryHostOptions> = {}): Promise<CorpusRun> {
  return runInMemory({ name: "scenario", file: "", ...scenario }, options);
}

/** The events of one type with their data. */
export function eventsOf(run: CorpusRun, type: string): readonly { readonly [key: string]: Json }[] {
  return run.execution.events
    .filter((event) => event.type === type)
    .map((event) => event.data as { readonly [key: string]: Json });
}

/** Host options that run another program. */
export function withProgram(workflow: DurableProgram): Partial<MemoryHostOptions> {
  return { programs: { workflow } };
}

/** A definition from the YAML of its `do` list. */
export function doing(yaml: string): Scenario["definition"] {
  const { value, diagnostics } = parseText(yaml);
  if (value === undefined) throw new Error(JSON.stringify(diagnostics));
  return { do: value };
}
