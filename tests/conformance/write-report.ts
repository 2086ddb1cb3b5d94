import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const ROOT = join(import.meta.dirname, "../..");
const REPORT = join(ROOT, "docs/conformance.md");

/** One test as Vitest's JSON report has it. */
interface TestResult {
  readonly ancestorTitles: readonly string[];
  readonly title: string;
  readonly status: string;
}

/** What a run of some test files gave. */
interface SuiteRun {
  /** Tests by the end of their file's name. */
  readonly files: ReadonlyMap<string, readonly TestResult[]>;
  readonly printed: string;
}

/** `passed of all`, for a cell of a table. */
interface Count {
  readonly passed: number;
  readonly all: number;
}

/** Runs test files and reads what came out, failed tests too. */
function runTests(files: readonly string[]): SuiteRun {
  const folder = mkdtempSync(join(tmpdir(), "conformance-report-"));
  try {
    const output = join(folder, "report.json");
    const vitest = join(ROOT, "node_modules/vitest/vitest.mjs");
    const args = [vitest, "run", ...files, "--reporter=default", "--reporter=json", `--outputFile=${output}`];
    const { stdout } = spawnSync(process.execPath, args, { cwd: ROOT, encoding: "utf8" });
    return { files: readReport(readFileSync(output, "utf8")), printed: stdout };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function readReport(text: string): ReadonlyMap<string, readonly TestResult[]> {
  const { testResults } = JSON.parse(text) as {
    readonly testResults: readonly { readonly name: string; readonly assertionResults: readonly TestResult[] }[];
  };
  return new Map(testResults.map(({ name, assertionResults }) => [name.slice(ROOT.length + 1), assertionResults]));
}

function count(tests: readonly TestResult[]): Count {
  const ran = tests.filter(({ status }) => status === "passed" || status === "failed");
  return { passed: ran.filter(({ status }) => status === "passed").length, all: ran.length };
}

function cell({ passed, all }: Count): string {
  return all === 0 ? "not run: its files are absent" : `${passed} of ${all}`;
}

/** Rows are feature files, columns are hosts; files of the unreleased main branch come after the kit itself. */
function kitTable(tests: readonly TestResult[]): readonly string[] {
  const scenarios = tests.filter(({ ancestorTitles }) => ancestorTitles.at(-1)?.endsWith(".feature"));
  if (scenarios.length === 0) return ["The kit's files are absent, so nothing was run."];
  const hosts = [...new Set(scenarios.map(({ ancestorTitles }) => ancestorTitles[0] ?? ""))];
  const features = [...new Set(scenarios.map(({ ancestorTitles }) => ancestorTitles[1] ?? ""))].sort();
  const isOf = (host: string, wanted: (feature: string) => boolean) => (test: TestResult) =>
    test.ancestorTitles[0] === host && wanted(test.ancestorTitles[1] ?? "");
  const row = (name: string, wanted: (feature: string) => boolean) =>
    `| ${name} | ${hosts.map((host) => cell(count(scenarios.filter(isOf(host, wanted))))).join(" | ")} |`;
  const isMain = (feature: string) => feature.includes(".main.");
  return [
    `| Feature | ${hosts.join(" | ")} |`,
    `| --- |${" --- |".repeat(hosts.length)}`,
    ...features.filter((name) => !isMain(name)).map((name) => row(name, (feature) => feature === name)),
    row("**the kit**", (feature) => !isMain(feature)),
    ...features.filter(isMain).map((name) => row(`${name} (unreleased)`, (feature) => feature === name)),
  ];
}

function corpusRows(files: SuiteRun["files"]): readonly string[] {
  const crashes = files.get(CRASHES) ?? [];
  const group = (title: string) => cell(count(crashes.filter(({ ancestorTitles }) => ancestorTitles[0] === title)));
  return [
    `| documents of our own corpus, on the memory host | ${cell(count(files.get(CORPUS) ?? []))} |`,
    `| the same on the engine, its store and its runner | ${cell(count(files.get(ENGINE_CORPUS) ?? []))} |`,
    `| the same with a crash between any two journal entries | ${group("a crash between any two journal entries")} |`,
    `| the same with a snapshot and a restore at any point | ${group("a snapshot and a restore at any point")} |`,
    `| the same with crashes and snapshots by chance | ${group("crashes and snapshots by chance")} |`,
    `| what every durable host must do, on the engine, its store and its runner | ${cell(count(files.get(ENGINE_HOST) ?? []))} |`,
    `| recorded journals of 0.1.0, replayed without an effect | ${cell(count(files.get(JOURNALS) ?? []))} |`,
  ];
}

const KIT = "tests/conformance/ctk.test.ts";
const EXAMPLES = "tests/conformance/official-examples.test.ts";
const JOURNALS = "tests/conformance/recorded-journals.test.ts";
const CORPUS = "packages/interpreter/src/corpus/corpus.test.ts";
const CRASHES = "packages/interpreter/src/corpus/crashes.test.ts";
const ACCEPTED = "packages/dsl/src/validate/official-examples.test.ts";
const ENGINE_CORPUS = "tests/simulation/engine-corpus.test.ts";
const ENGINE_HOST = "tests/simulation/engine-host.test.ts";
const JQ = "packages/jq/src/jq-suite.test.ts";

function report({ files, printed }: SuiteRun): string {
  const isExample = ({ title }: TestResult) => title.includes(".yaml");
  const jq = /jq suite: (.+)/.exec(printed)?.[1] ?? "not run: its files are absent";
  return [
    "# Conformance",
    "",
    "Written by `node tests/conformance/write-report.ts`, which runs the tests named below. Nothing here needs the network:",
    "two public services that the kit calls are answered by a stub on this machine, reached by rewritten origins. The",
    "running platform is the built executable with a server and runners of its own, asked by `stigmer run`.",
    "",
    "## The conformance kit of the Serverless Workflow DSL 1.0.3",
    "",
    `\`vitest run --project system ${KIT}\``,
    "",
    ...kitTable(files.get(KIT) ?? []),
    "",
    "Error types are compared through their aliases: see [decisions](guide/dsl-decisions.md).",
    "",
    "## Official examples",
    "",
    "| Check | Result |",
    "| --- | --- |",
    `| accepted by validation, refused ones at their line (\`${ACCEPTED}\`) | ${cell(count(files.get(ACCEPTED) ?? []))} tests |`,
    `| come to an end with services that answer nothing (\`${EXAMPLES}\`) | ${cell(count((files.get(EXAMPLES) ?? []).filter(isExample)))} |`,
    "",
    "## jq",
    "",
    `jq's own test files (\`${JQ}\`): ${jq}.`,
    "",
    "## What the kit does not ask",
    "",
    "| Check | Result |",
    "| --- | --- |",
    ...corpusRows(files),
    "",
  ].join("\n");
}

const run = runTests([KIT, EXAMPLES, JOURNALS, CORPUS, CRASHES, ENGINE_CORPUS, ENGINE_HOST, ACCEPTED, JQ]);
const text = report(run);
writeFileSync(REPORT, text);
process.stdout.write(text);
if ([...run.files.values()].flat().some(({ status }) => status === "failed")) {
  process.stderr.write(run.printed);
  process.exitCode = 1;
}
