import { CLI_EXIT, usageError } from "../cli-error.ts";
import { printFindings } from "../client/print-findings.ts";
import type { CommandCall } from "../command.ts";
import { coveredPercent, renderCoverage } from "../test-runner/coverage.ts";
import { findTestFiles } from "../test-runner/find-test-files.ts";
import { REPORTERS } from "../test-runner/reporter.ts";
import { runTests } from "../test-runner/run-tests.ts";
import type { Reporter, TestSummary } from "../test-runner/test-outcome.ts";
import { whenChanged } from "../test-runner/watch-files.ts";

/** Runs test files offline; exit 1 when a test failed, 2 when a file is invalid. */
export async function run(call: CommandCall): Promise<number> {
  const { terminal, interrupted } = call.context;
  const reporter = REPORTERS[call.options.text("reporter") ?? "pretty"]?.(terminal);
  if (reporter === undefined) throw usageError("Cannot report: the reporters are pretty, tap and junit");
  for (;;) {
    const sinceMs = Date.now();
    const { summary, exitCode } = await runOnce(call, reporter);
    if (!call.options.isSet("watch")) return exitCode;
    terminal.err("Waiting for changes; Ctrl-C ends\n");
    if (!(await whenChanged({ files: summary.watched, sinceMs, signal: interrupted }))) return exitCode;
  }
}

async function runOnce(
  call: CommandCall,
  reporter: Reporter,
): Promise<{ readonly summary: TestSummary; readonly exitCode: number }> {
  const { options, context } = call;
  const files = findTestFiles(call.args);
  if (files.length === 0) throw usageError("Cannot test: there is no *.test.yaml here", "stigmer test FILE");
  const least = readNumber(call, "coverageMin");
  const summary = await runTests({
    files,
    filter: options.text("filter"),
    chaosSeed: readNumber(call, "chaos"),
    snapshots: options.isSet("updateSnapshots") ? "update" : "compare",
    coverage: options.isSet("coverage") || least !== undefined ? "on" : "off",
    signal: context.interrupted,
    onOutcome: reporter.onOutcome,
  });
  reporter.onEnd(summary);
  for (const { fileName, diagnostics } of summary.invalid.flatMap(({ problems }) => problems)) {
    printFindings(context.terminal, fileName, diagnostics);
  }
  return { summary, exitCode: judge(call, summary, least) };
}

function judge({ context, options }: CommandCall, summary: TestSummary, least: number | undefined): number {
  const { coverage = [], outcomes, invalid } = summary;
  // Reports for machines have standard output for themselves.
  const write = (options.text("reporter") ?? "pretty") === "pretty" ? context.terminal.out : context.terminal.err;
  if (coverage.length > 0) write(`\n${renderCoverage(coverage)}`);
  if (invalid.length > 0) return CLI_EXIT.usage;
  if (outcomes.length === 0) throw usageError(`Cannot test: no test has "${options.text("filter") ?? ""}" in its name`);
  const covered = coveredPercent(coverage);
  const isTooLittle = least !== undefined && covered < least;
  if (isTooLittle) context.terminal.err(`Coverage is ${covered} %, below ${least} %\n`);
  return isTooLittle || outcomes.some(({ failures }) => failures.length > 0) ? CLI_EXIT.failure : CLI_EXIT.ok;
}

function readNumber({ options }: CommandCall, name: string): number | undefined {
  const text = options.text(name);
  if (text === undefined) return undefined;
  const number = Number(text);
  if (text.trim() !== "" && Number.isSafeInteger(number) && number >= 0) return number;
  throw usageError(`Cannot use "${text}": it is no whole number`);
}
