import { parseManifest } from "@stigmer/dsl";
import { CLI_EXIT } from "../cli-error.ts";
import { readManifests } from "../client/manifest-files.ts";
import { printFindings } from "../client/print-findings.ts";
import type { CommandCall } from "../command.ts";
import { outputFormat } from "../print.ts";

/** Checks documents without a server; exit 2 when one has an error. */
export async function run(call: CommandCall): Promise<number> {
  const { terminal } = call.context;
  const documents = await readManifests([...call.options.texts("filename"), ...call.args], call.context);
  const reports = documents.map((document) => {
    const { diagnostics } = parseManifest(document.text, { supported: "now", firstLine: document.line });
    const isValid = !diagnostics.some(({ severity }) => severity === "error");
    return { file: document.fileName, status: isValid ? "valid" : "invalid", diagnostics };
  });
  const isJson = outputFormat(call) === "json";
  if (isJson) terminal.out(`${JSON.stringify(reports.length === 1 ? reports[0] : reports, undefined, 2)}\n`);
  for (const report of reports) {
    if (isJson) break;
    printFindings(terminal, report.file, report.diagnostics);
    if (report.status === "valid") terminal.out(`${report.file}: valid\n`);
  }
  return reports.every(({ status }) => status === "valid") ? CLI_EXIT.ok : CLI_EXIT.usage;
}
