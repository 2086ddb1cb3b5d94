import type { Terminal } from "../terminal.ts";
import type { Reporter, TestFailure, TestOutcome } from "./test-outcome.ts";

/**
 * The report as TAP version 14.
 *
 * @see https://testanything.org/tap-version-14-specification.html
 */
export function createTapReporter(terminal: Terminal): Reporter {
  let count = 0;
  return {
    onOutcome(outcome) {
      if (count === 0) terminal.out("TAP version 14\n");
      count++;
      terminal.out(describe(outcome, count));
    },
    onEnd({ invalid }) {
      if (count === 0) terminal.out("TAP version 14\n");
      for (const { fileName } of invalid) terminal.out(`not ok ${++count} - ${escaped(fileName)} # invalid file\n`);
      terminal.out(`1..${count}\n`);
      count = 0;
    },
  };
}

function describe({ fileName, name, tookMs, failures }: TestOutcome, number: number): string {
  const title = `${number} - ${escaped(`${fileName}: ${name}`)}`;
  const took = `  duration_ms: ${tookMs.toFixed(1)}\n`;
  if (failures.length === 0) return `ok ${title}\n  ---\n${took}  ...\n`;
  return `not ok ${title}\n  ---\n${took}  failures:\n${failures.map(asYaml).join("")}  ...\n`;
}

function asYaml({ place, message, difference }: TestFailure): string {
  const lines = difference.map(({ mark, text }) => `        ${mark} ${text}`.trimEnd());
  const shown = lines.length === 0 ? "" : `      difference: |2\n${lines.map((line) => `  ${line}\n`).join("")}`;
  return `    - message: ${JSON.stringify(message)}\n      at: ${JSON.stringify(place)}\n${shown}`;
}

/** `#` begins a directive and a new line a new test. */
function escaped(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll("#", "\\#").replaceAll(/\s+/g, " ");
}
