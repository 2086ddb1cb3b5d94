import { randomUUID } from "node:crypto";
import { ApplyOutcome, isStigmerError, Severity } from "@stigmer/api";
import type { StigmerClient } from "@stigmer/sdk";
import { CLI_EXIT } from "../cli-error.ts";
import { withClient } from "../client/connection.ts";
import { type ManifestDocument, readManifests } from "../client/manifest-files.ts";
import { type PrintableFinding, printFindings } from "../client/print-findings.ts";
import { resourceData, resourceName } from "../client/resource-columns.ts";
import type { CommandCall } from "../command.ts";
import { outputFormat } from "../print.ts";

/** Applies every document of the named files; goes on after a bad one and exits 2 then. */
export async function run(call: CommandCall): Promise<number> {
  const documents = await readManifests([...call.options.texts("filename"), ...call.args], call.context);
  return withClient(call.context, async (client) => {
    let failures = 0;
    for (const document of documents) if (!(await applyOne(call, client, document))) failures++;
    return failures === 0 ? CLI_EXIT.ok : CLI_EXIT.usage;
  });
}

async function applyOne(call: CommandCall, client: StigmerClient, document: ManifestDocument): Promise<boolean> {
  const { terminal } = call.context;
  try {
    const resources = await client.resources();
    const { resource, outcome, diagnostics } = await resources.apply({
      source: document.text,
      fileName: document.fileName,
      dryRun: call.options.isSet("dryRun"),
      etag: call.options.text("etag") ?? "",
      namespace: call.options.text("namespace") ?? "",
      idempotencyKey: randomUUID(),
    });
    const warnings = diagnostics.map((finding) => ({
      ...finding,
      severity: finding.severity === Severity.ERROR ? ("error" as const) : ("warning" as const),
    }));
    printFindings(terminal, document.fileName, shift(warnings, document));
    if (!resource) return false;
    const word = outcomeWord(outcome);
    const suffix = call.options.isSet("dryRun") ? " (dry run)" : "";
    if (outputFormat(call) === "json")
      terminal.out(`${JSON.stringify({ outcome: word, resource: resourceData(resource) })}\n`);
    else terminal.out(`${resource.kind.toLowerCase()} ${resourceName(resource)} ${word}${suffix}\n`);
    return true;
  } catch (error) {
    if (!isStigmerError(error) || error.details.findings === undefined) throw error;
    printFindings(terminal, document.fileName, shift(error.details.findings, document));
    return false;
  }
}

function outcomeWord(outcome: ApplyOutcome): string {
  switch (outcome) {
    case ApplyOutcome.CREATED:
      return "created";
    case ApplyOutcome.UPDATED:
      return "updated";
    case ApplyOutcome.UNCHANGED:
      return "unchanged";
    default:
      return "applied"; // a newer server's word
  }
}

/** Findings count lines in their document; people count them in the file. */
function shift(findings: readonly PrintableFinding[], document: ManifestDocument): readonly PrintableFinding[] {
  return findings.map((finding) =>
    finding.line === undefined || finding.line === 0 ? finding : { ...finding, line: finding.line + document.line - 1 },
  );
}
