import type { Json } from "@stigmer/dsl";
import { equalJson } from "@stigmer/jq";
import type { CaseRun } from "./case-run.ts";
import type { Mismatch } from "./expectation.ts";
import type { LoadedTest } from "./loaded-test-file.ts";
import { runCase } from "./run-case.ts";

/** Chances of a kill per group of journal entries; one run for each. */
const RATES = [0.2, 0.5, 0.8];

/** Runs a test again while it is killed and replayed between its tasks; everything must come out the same. */
export async function checkChaos(test: LoadedTest, calm: CaseRun, seed: number): Promise<readonly Mismatch[]> {
  for (const [index, rate] of RATES.entries()) {
    const chaos = { seed: seed * RATES.length + index, rate };
    const run = await runCase(test, chaos);
    const expected = resultOf(calm);
    const actual = resultOf(run);
    if (equalJson(expected, actual)) continue;
    const message = `Killed and replayed (--chaos ${seed}), it comes out otherwise`;
    return [{ pointer: test.pointer, message, compare: { expected, actual } }];
  }
  return [];
}

/** What must not depend on crashes. Branches may emit in another order. */
function resultOf(run: CaseRun): Json {
  const { output, error } = run.report;
  return {
    status: run.status,
    output: output ?? null,
    error: error ?? null,
    emitted: run.emitted.map((event) => JSON.stringify(event)).sort(),
    durationMs: run.durationMs,
    refusals: [...run.refusals],
  };
}
