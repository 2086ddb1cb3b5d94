import type { Terminal } from "../terminal.ts";
import type { InvalidTestFile } from "./loaded-test-file.ts";
import type { Reporter, TestFailure, TestOutcome, TestSummary } from "./test-outcome.ts";

/** The report as JUnit XML, written when all tests have ended. */
export function createJunitReporter(terminal: Terminal): Reporter {
  return {
    onOutcome() {},
    onEnd: (summary) => terminal.out(renderJunit(summary)),
  };
}

function renderJunit({ outcomes, invalid }: TestSummary): string {
  const files = [...new Set(outcomes.map(({ fileName }) => fileName))];
  const suites = files.map((fileName) =>
    renderSuite(
      fileName,
      outcomes.filter((one) => one.fileName === fileName),
    ),
  );
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites>\n${[...suites, ...invalid.map(renderInvalid)].join("")}</testsuites>\n`;
}

function renderSuite(fileName: string, outcomes: readonly TestOutcome[]): string {
  const failed = outcomes.filter(({ failures }) => failures.length > 0).length;
  const seconds = outcomes.reduce((sum, { tookMs }) => sum + tookMs, 0) / 1_000;
  const counts = `tests="${outcomes.length}" failures="${failed}" errors="0" time="${seconds.toFixed(3)}"`;
  return `  <testsuite name="${escaped(fileName)}" ${counts}>\n${outcomes.map(renderCase).join("")}  </testsuite>\n`;
}

function renderCase({ fileName, name, tookMs, failures }: TestOutcome): string {
  const head = `    <testcase classname="${escaped(fileName)}" name="${escaped(name)}" time="${(tookMs / 1_000).toFixed(3)}"`;
  return failures.length === 0 ? `${head}/>\n` : `${head}>\n${failures.map(renderFailure).join("")}    </testcase>\n`;
}

function renderFailure({ place, message, difference }: TestFailure): string {
  const text = [place, ...difference.map((line) => `${line.mark} ${line.text}`.trimEnd())].join("\n");
  return `      <failure message="${escaped(message)}">${escaped(text)}</failure>\n`;
}

function renderInvalid({ fileName, problems }: InvalidTestFile): string {
  const lines = problems.flatMap((one) =>
    one.diagnostics.map(({ line, column, message }) => `${one.fileName}:${line}:${column}: ${message}`),
  );
  const error = `      <error message="invalid file">${escaped(lines.join("\n"))}</error>\n`;
  const test = `    <testcase classname="${escaped(fileName)}" name="is valid">\n${error}    </testcase>\n`;
  return `  <testsuite name="${escaped(fileName)}" tests="1" failures="0" errors="1">\n${test}  </testsuite>\n`;
}

const ENTITIES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

/** XML 1.0 has no place for control characters. */
function escaped(text: string): string {
  return text
    .replaceAll(/(?![\t\n\r])[\p{Cc}\ufffe\uffff]/gu, "?")
    .replaceAll(/[&<>"]/g, (one) => ENTITIES[one] ?? one);
}
