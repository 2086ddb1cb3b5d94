import { ApplyOutcome, isStigmerError } from "@stigmer/api";
import type { StigmerClient } from "@stigmer/sdk";
import { withClient } from "../client/connection.ts";
import { type ManifestDocument, readManifests } from "../client/manifest-files.ts";
import { resourceName } from "../client/resource-columns.ts";
import type { CommandCall } from "../command.ts";
import { diffLines } from "../diff-lines.ts";

/** Shows what an apply would change; exit 1 when something would. */
export async function run(call: CommandCall): Promise<number> {
  const documents = await readManifests([...call.options.texts("filename"), ...call.args], call.context);
  return withClient(call.context, async (client) => {
    let changes = 0;
    for (const document of documents) if (await diffOne(call, client, document)) changes++;
    return changes === 0 ? 0 : 1;
  });
}

async function diffOne(call: CommandCall, client: StigmerClient, document: ManifestDocument): Promise<boolean> {
  const { terminal } = call.context;
  const resources = await client.resources();
  const { resource, outcome } = await resources.apply({
    source: document.text,
    fileName: document.fileName,
    dryRun: true,
    namespace: call.options.text("namespace") ?? "",
  });
  if (!resource || outcome === ApplyOutcome.UNCHANGED) return false;
  const ref = {
    kind: resource.kind,
    namespace: resource.metadata?.namespace ?? "",
    name: resource.metadata?.name ?? "",
  };
  const current = await resources.get({ ref }).then(
    ({ source }) => source,
    (error: unknown) => {
      if (isStigmerError(error, "RESOURCE_NOT_FOUND")) return "";
      throw error;
    },
  );
  terminal.out(`--- ${resourceName(resource)} (applied)\n+++ ${document.fileName}\n`);
  for (const { mark, text } of diffLines(linesOf(current), linesOf(document.text))) {
    const line = `${mark}${text}`;
    terminal.out(
      `${mark === "+" ? terminal.styleData("green", line) : mark === "-" ? terminal.styleData("red", line) : line}\n`,
    );
  }
  return true;
}

function linesOf(text: string): readonly string[] {
  const trimmed = text.trimEnd();
  return trimmed === "" ? [] : trimmed.split("\n");
}
