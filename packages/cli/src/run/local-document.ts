import { hasErrors, type Manifest, parseManifest, splitDocuments } from "@stigmer/dsl";
import { usageError } from "../cli-error.ts";
import type { CommandCall } from "../command.ts";
import { readTextFile } from "../read-input.ts";
import type { InvalidDocument } from "./print-invalid.ts";

/** What a file is run as: its first workflow, else its first agent, beside everything else in it. */
export interface LocalDocument {
  readonly fileName: string;
  readonly main: Extract<Manifest, { kind: "Workflow" | "Agent" }>;
  readonly manifests: readonly Manifest[];
}

/** The documents of `-f`, validated. */
export function readLocalDefinition(call: CommandCall): LocalDocument | InvalidDocument {
  const fileName = call.options.text("filename");
  if (fileName === undefined) throw usageError("Cannot run locally: no file was given", "stigmer run --local -f FILE");
  const text = readTextFile(fileName);
  const parts = splitDocuments(text);
  const options = { supported: "now", strictSecrets: call.options.isSet("strictSecrets") } as const;
  const parsed = (parts.length === 0 ? [{ text, firstLine: 1 }] : parts).map((part) =>
    parseManifest(part.text, { ...options, firstLine: part.firstLine }),
  );
  const diagnostics = parsed.flatMap((one) => one.diagnostics);
  const manifests = parsed.flatMap(({ manifest }) => (manifest === undefined ? [] : [manifest]));
  if (manifests.length < parsed.length || hasErrors(diagnostics)) return { fileName, diagnostics };
  const main =
    manifests.find((manifest) => manifest.kind === "Workflow") ??
    manifests.find((manifest) => manifest.kind === "Agent");
  if (main !== undefined) return { fileName, main, manifests };
  const kind = manifests[0]?.kind ?? "no document";
  throw usageError(`Cannot run "${fileName}" locally: it holds no workflow and no agent but ${kind}`, "stigmer up");
}
