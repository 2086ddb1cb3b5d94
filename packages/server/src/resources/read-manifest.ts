import { parseText, type Diagnostic } from "@stigmer/dsl";
import { isResourceKind } from "@stigmer/api";
import type { JsonObject, ReadManifestResult } from "./manifest.ts";

/** Reads and checks a document with the functions that the command line uses offline. */
export function readManifest(source: string): ReadManifestResult {
  const { value, diagnostics } = parseText(source);
  const findings: Diagnostic[] = [...diagnostics];
  if (value === null || typeof value !== "object" || Array.isArray(value)) return { manifest: undefined, findings };
  const object = value as JsonObject;
  const envelope = (object.document ? { kind: "Workflow", metadata: object.document, spec: object } : object) as JsonObject;
  const metadata = (envelope.metadata ?? {}) as JsonObject;
  const kind = String(envelope.kind);
  if (!isResourceKind(kind) || typeof metadata.name !== "string") {
    findings.push({ code: "unknown-kind", severity: "error", line: 1, column: 1, pointer: "/kind", message: `Unknown kind "${kind}"` });
    return { manifest: undefined, findings };
  }
  const { secrets = {}, ...spec } = (envelope.spec ?? {}) as JsonObject;
  return {
    findings,
    manifest: {
      kind,
      namespace: metadata.namespace as string | undefined,
      name: metadata.name,
      labels: (metadata.labels ?? {}) as Record<string, string>,
      annotations: {},
      spec,
      version: kind === "Workflow" ? String(metadata.version ?? "") : "",
      secrets: secrets as JsonObject,
      references: (namespace) =>
        ((spec.mcpServers ?? []) as string[]).map((name) => ({ kind: "McpServer", namespace, name })),
    },
  };
}
