import { CLI_EXIT } from "../cli-error.ts";
import { type PrintableFinding, printFindings } from "../client/print-findings.ts";
import type { CommandCall } from "../command.ts";

/** A document that cannot be run, and why. */
export interface InvalidDocument {
  readonly fileName: string;
  readonly diagnostics: readonly PrintableFinding[];
}

/** Prints the findings, as data with `--json`; exit 2. */
export function printInvalid(call: CommandCall, invalid: InvalidDocument): number {
  const { terminal } = call.context;
  if (call.options.isSet("json")) {
    terminal.out(`${JSON.stringify({ status: "invalid", diagnostics: invalid.diagnostics }, undefined, 2)}\n`);
  } else {
    printFindings(terminal, invalid.fileName, invalid.diagnostics);
  }
  return CLI_EXIT.usage;
}
