import { type Diagnostic, parseManifest, type WorkflowDocument } from "@stigmer/dsl";
import { CLI_EXIT, usageError } from "../cli-error.ts";
import { printFindings } from "../client/print-findings.ts";
import type { CommandCall } from "../command.ts";
import { readTextFile } from "../read-input.ts";

/** A document that cannot be run, and why. */
export interface InvalidDocument {
  readonly fileName: string;
  readonly diagnostics: readonly Diagnostic[];
}

/** The workflow of `-f`, validated. */
export function readLocalDefinition(call: CommandCall): { readonly document: WorkflowDocument } | InvalidDocument {
  const fileName = call.options.text("filename");
  if (fileName === undefined) throw usageError("Cannot run locally: no file was given", "stigmer run --local -f FILE");
  const { manifest, diagnostics } = parseManifest(readTextFile(fileName), {
    supported: "now",
    strictSecrets: call.options.isSet("strictSecrets"),
  });
  if (manifest === undefined || diagnostics.some(({ severity }) => severity === "error"))
    return { fileName, diagnostics };
  if (manifest.kind !== "Workflow") {
    throw usageError(`Cannot run "${fileName}" locally: it is no workflow but kind ${manifest.kind}`, "stigmer up");
  }
  return { document: manifest.document };
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
