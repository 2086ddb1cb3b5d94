import type { Terminal } from "../terminal.ts";
import type { ShownLine } from "./show-difference.ts";
import type { Reporter, TestFailure, TestOutcome, TestSummary } from "./test-outcome.ts";

/** The report for people: a line for each test, and the difference of those that failed. */
export function createPrettyReporter(terminal: Terminal): Reporter {
  let shownFile = "";
  return {
    onOutcome(outcome) {
      if (outcome.fileName !== shownFile) terminal.out(`${terminal.styleData("bold", outcome.fileName)}\n`);
      shownFile = outcome.fileName;
      terminal.out(`${describe(terminal, outcome)}\n`);
      for (const failure of outcome.failures) terminal.out(showFailure(terminal, failure));
    },
    onEnd(summary) {
      shownFile = "";
      terminal.out(`${countTests(summary)}\n`);
    },
  };
}

function describe(terminal: Terminal, { name, tookMs, failures }: TestOutcome): string {
  const mark = failures.length === 0 ? terminal.styleData("green", "✓") : terminal.styleData("red", "✗");
  return `  ${mark} ${name} ${terminal.styleData("dim", `${Math.round(tookMs)} ms`)}`;
}

function showFailure(terminal: Terminal, { place, message, difference }: TestFailure): string {
  const lines = difference.map((line) => `      ${showLine(terminal, line)}\n`);
  const legend = difference.length === 0 ? "" : terminal.styleData("dim", " (- expected, + actual)");
  return `    ${terminal.styleData("red", message)}${legend}\n    at ${place}\n${lines.join("")}`;
}

function showLine(terminal: Terminal, { mark, text }: ShownLine): string {
  const line = `${mark} ${text}`.trimEnd();
  switch (mark) {
    case "-":
      return terminal.styleData("red", line);
    case "+":
      return terminal.styleData("green", line);
    case " ":
    case "…":
      return line;
  }
}

/** `3 tests passed`, `1 of 3 tests failed`. */
function countTests({ outcomes, invalid }: TestSummary): string {
  const failed = outcomes.filter(({ failures }) => failures.length > 0).length;
  const noun = outcomes.length === 1 ? "test" : "tests";
  const result = failed === 0 ? `${outcomes.length} ${noun} passed` : `${failed} of ${outcomes.length} ${noun} failed`;
  return invalid.length === 0
    ? result
    : `${result}, ${invalid.length} invalid ${invalid.length === 1 ? "file" : "files"}`;
}
