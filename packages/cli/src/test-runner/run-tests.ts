import { dirname, join } from "node:path";
import type { ExpectSpec, Json, SourceMap } from "@stigmer/dsl";
import { parse } from "yaml";
import { checkChaos } from "./check-chaos.ts";
import { checkExpectations } from "./check-expectations.ts";
import { type CoverageCollector, createCoverage } from "./coverage.ts";
import type { Mismatch } from "./expectation.ts";
import { loadTestFile, readText } from "./load-test-file.ts";
import type { InvalidTestFile, LoadedTest, LoadedTestFile } from "./loaded-test-file.ts";
import { runCase } from "./run-case.ts";
import { showDifference } from "./show-difference.ts";
import { openSnapshots, type Snapshots } from "./snapshots.ts";
import type { TestFailure, TestOutcome, TestSummary } from "./test-outcome.ts";

/** Which tests run, and how. */
export interface RunTestsParams {
  readonly files: readonly string[];
  /** Only tests whose name holds this. */
  readonly filter?: string | undefined;
  /** Kills and replays every test with this seed. */
  readonly chaosSeed?: number | undefined;
  readonly snapshots: "compare" | "update";
  readonly coverage: "on" | "off";
  /** Ends before the next test. */
  readonly signal: AbortSignal;
  onOutcome(outcome: TestOutcome): void;
}

/** Runs the tests of all files, one after the other. */
export async function runTests(params: RunTestsParams): Promise<TestSummary> {
  const loaded = params.files.map((file) => loadTestFile(file));
  const outcomes: TestOutcome[] = [];
  const coverage = params.coverage === "on" ? createCoverage() : undefined;
  const invalid: InvalidTestFile[] = [];
  for (const file of loaded) {
    if ("problems" in file) invalid.push(file);
    else outcomes.push(...(await runFile(file, params, coverage)));
  }
  const watched = [...new Set(loaded.flatMap((file) => file.watched))];
  return { outcomes, invalid, watched, ...(coverage === undefined ? {} : { coverage: coverage.summary() }) };
}

async function runFile(
  of: LoadedTestFile,
  params: RunTestsParams,
  coverage: CoverageCollector | undefined,
): Promise<readonly TestOutcome[]> {
  const snapshots = openSnapshots(of.fileName, params.snapshots);
  const outcomes: TestOutcome[] = [];
  coverage?.add(of.documents, []);
  for (const [index, spec] of of.file.tests.entries()) {
    if (params.signal.aborted) return outcomes;
    if (params.filter !== undefined && !spec.name.includes(params.filter)) continue;
    const outcome = await runTest(of, index, { params, snapshots, coverage });
    outcomes.push(outcome);
    params.onOutcome(outcome);
  }
  snapshots.save(of.file.tests.filter(({ expect }) => expect?.outputSnapshot === true).map(({ name }) => name));
  return outcomes;
}

interface RunTestScope {
  readonly params: RunTestsParams;
  readonly snapshots: Snapshots;
  readonly coverage: CoverageCollector | undefined;
}

async function runTest(of: LoadedTestFile, index: number, scope: RunTestScope): Promise<TestOutcome> {
  const startedAt = performance.now();
  const spec = of.file.tests[index];
  if (spec === undefined) throw new RangeError(`there is no test ${index}`);
  const pointer = `/tests/${index}`;
  const input = readInput(of, pointer);
  const mismatches = "pointer" in input ? [input] : await checkTest({ of, spec, pointer, input: input.value }, scope);
  return {
    fileName: of.fileName,
    name: spec.name,
    tookMs: performance.now() - startedAt,
    failures: mismatches.map((mismatch) => toFailure(of, mismatch)),
  };
}

async function checkTest(
  test: LoadedTest,
  { params, snapshots, coverage }: RunTestScope,
): Promise<readonly Mismatch[]> {
  const { spec, pointer } = test;
  const expect: ExpectSpec = spec.expect ?? {};
  const run = await runCase(test);
  coverage?.add(test.of.documents, run.logs);
  const mismatches = [...checkExpectations(expect, run, pointer)];
  if (expect.outputSnapshot === true && run.status === "completed") {
    mismatches.push(...snapshots.check(spec.name, run.report.output ?? null, `${pointer}/expect/outputSnapshot`));
  }
  if (params.chaosSeed === undefined || spec.chaos === false || mismatches.length > 0) return mismatches;
  return checkChaos(test, run, params.chaosSeed);
}

/** The input of a test; what is wrong with its file is a failure of the test. */
function readInput(of: LoadedTestFile, pointer: string): { readonly value: Json } | Mismatch {
  const spec = of.file.tests[Number(pointer.split("/").at(-1))];
  if (spec?.inputFile === undefined) return { value: spec?.input ?? null };
  const fileName = join(dirname(of.fileName), spec.inputFile);
  const text = readText(fileName);
  if (text === undefined) return { pointer: `${pointer}/inputFile`, message: `Cannot read "${fileName}"` };
  try {
    return { value: parse(text, { maxAliasCount: 100 }) as Json };
  } catch (error) {
    const [why] = (error instanceof Error ? error.message : String(error)).split("\n");
    return { pointer: `${pointer}/inputFile`, message: `Cannot read "${fileName}": ${why}` };
  }
}

function toFailure({ fileName, sourceMap }: LoadedTestFile, { pointer, message, compare }: Mismatch): TestFailure {
  const { line, column } = positionOf(sourceMap, pointer);
  const difference = compare === undefined ? [] : showDifference(compare.expected, compare.actual);
  return { place: `${fileName}:${line}:${column}`, message, difference };
}

/** The key of the expectation; a whole test is shown at its name. */
function positionOf(sourceMap: SourceMap, pointer: string) {
  return /^\/tests\/\d+(\/expect)?$/.test(pointer)
    ? sourceMap.keyPosition(`${pointer.replace(/\/expect$/, "")}/name`)
    : sourceMap.keyPosition(pointer);
}
