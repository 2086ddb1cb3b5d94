import { RESOURCE_ENVELOPE } from "../grammar/resource-shapes.ts";
import { isResourceName } from "../grammar/text-formats.ts";
import { isObject, type Json, type JsonObject, property } from "../json.ts";
import { type Diagnostic, hasErrors, limitDiagnostics, sortDiagnostics } from "../text/diagnostic.ts";
import { type ParseTextOptions, parseText } from "../text/parse-text.ts";
import type { SourceMap } from "../text/source-map.ts";
import { checkMeaning } from "../validate/check-meaning.ts";
import type { Finding } from "../validate/findings.ts";
import { findProblems, toDiagnostic, walkOf } from "../validate/validate-document.ts";
import type { Manifest } from "./manifest.ts";

/** How a document is judged. */
export interface ParseManifestOptions extends ParseTextOptions {
  /** What this release cannot run is an error with `now`, no problem with `all`, and a warning by default. */
  readonly supported?: "now" | "all";
  /** Makes `secret-in-data` an error. */
  readonly strictSecrets?: boolean;
}

/** A document that can be applied, or why it cannot. */
export interface ParsedManifest {
  /** Only when there is no error. */
  readonly manifest?: Manifest;
  /** Every problem at once, in the order of the text. */
  readonly diagnostics: readonly Diagnostic[];
  readonly sourceMap: SourceMap;
}

/** Namespace of what names none. */
export const DEFAULT_NAMESPACE = "default";

/**
 * Reads and checks one document that can be applied: a bare workflow (it has `document`), or an envelope
 * `{apiVersion: stigmer.ai/v1, kind, metadata, spec}` of a Workflow, Agent, McpServer or Environment.
 */
export function parseManifest(text: string, options: ParseManifestOptions = {}): ParsedManifest {
  const { value, diagnostics: problems, sourceMap } = parseText(text, options);
  const findings = value === undefined ? [] : findManifestProblems(value, options);
  const found = findings.map((finding) => toDiagnostic(finding, sourceMap));
  const diagnostics = limitDiagnostics(sortDiagnostics([...problems, ...found]));
  if (!isObject(value) || hasErrors(diagnostics)) return { diagnostics, sourceMap };
  return { manifest: isBareWorkflow(value) ? bareWorkflow(value) : enveloped(value), diagnostics, sourceMap };
}

function isBareWorkflow(value: Json): boolean {
  return property(value, "document") !== undefined && property(value, "kind") === undefined;
}

function findManifestProblems(value: Json, options: ParseManifestOptions): readonly Finding[] {
  if (isBareWorkflow(value)) return findWorkflowProblems(value, "", options);
  if (!isObject(value)) return [notAManifest("A document must be a map")];
  if (!Object.hasOwn(value, "kind") && !Object.hasOwn(value, "apiVersion")) {
    return [notAManifest('This is neither a workflow (it has no "document") nor a resource (it has no "kind")')];
  }
  const walk = walkOf(RESOURCE_ENVELOPE, value);
  const spec = property(value, "spec");
  const isWorkflow = property(value, "kind") === "Workflow" && isObject(spec);
  return [
    ...walk.findings,
    ...checkMeaning(walk),
    ...(isWorkflow ? [...findWorkflowProblems(spec, "/spec", options), ...checkIdentity(value, spec)] : []),
  ];
}

function notAManifest(message: string): Finding {
  return {
    code: "unknown-manifest",
    severity: "error",
    pointer: "",
    at: "value",
    message,
    suggestion: 'Begin with "document:" for a workflow, or with "apiVersion: stigmer.ai/v1" and "kind:".',
  };
}

function findWorkflowProblems(document: Json, prefix: string, options: ParseManifestOptions): readonly Finding[] {
  const { supported, strictSecrets = false } = options;
  const findings = findProblems(
    document,
    supported === "all" ? { strictSecrets } : { strictSecrets, supported: "now" },
  );
  return [...findings, ...checkResourceNames(document)].map((finding) => ({
    ...finding,
    pointer: `${prefix}${finding.pointer}`,
    severity: finding.code === "not-supported-yet" && supported !== "now" ? "warning" : finding.severity,
  }));
}

/** The language allows capitals in names, resources do not. */
function checkResourceNames(document: Json): readonly Finding[] {
  return ["namespace", "name"].flatMap((field) => {
    const text = property(property(document, "document"), field);
    if (typeof text !== "string" || isResourceName(text) || !isResourceName(text.toLowerCase())) return [];
    return [
      {
        code: "invalid-resource-name",
        severity: "warning" as const,
        pointer: `/document/${field}`,
        at: "value" as const,
        message: `"${text}" cannot be applied: names of resources have small letters only`,
        suggestion: `Write ${text.toLowerCase()}.`,
      },
    ];
  });
}

/** An envelope may repeat the identity of its workflow, not contradict it. */
function checkIdentity(envelope: Json, spec: Json): readonly Finding[] {
  return ["namespace", "name"].flatMap((field) => {
    const outer = property(property(envelope, "metadata"), field);
    const inner = property(property(spec, "document"), field);
    if (typeof outer !== "string" || typeof inner !== "string" || outer === inner) return [];
    return [
      {
        code: "different-identity",
        severity: "error" as const,
        pointer: `/metadata/${field}`,
        at: "value" as const,
        message: `The ${field} "${outer}" is another one than "${inner}" in spec.document`,
        suggestion: `Remove metadata.${field}, or write ${inner}.`,
      },
    ];
  });
}

function bareWorkflow(document: JsonObject): Manifest {
  return identified({ kind: "Workflow", metadata: document.document ?? null, spec: document });
}

function enveloped(envelope: JsonObject): Manifest {
  const spec = envelope.spec ?? null;
  const metadata = { ...objectOf(property(spec, "document")), ...objectOf(envelope.metadata) };
  return identified({ kind: envelope.kind ?? null, metadata, spec });
}

/** Validation is the border: from here on the data is known to have the structure of its kind. */
function identified({
  kind,
  metadata,
  spec,
}: {
  readonly kind: Json;
  readonly metadata: Json;
  readonly spec: Json;
}): Manifest {
  const manifest = {
    kind,
    namespace: property(metadata, "namespace") ?? DEFAULT_NAMESPACE,
    name: property(metadata, "name") ?? "",
    labels: property(metadata, "labels") ?? {},
    annotations: property(metadata, "annotations") ?? {},
    spec,
    ...(kind === "Workflow" ? { document: spec } : {}),
  };
  return manifest as unknown as Manifest;
}

function objectOf(value: Json | undefined): JsonObject {
  return isObject(value) ? value : {};
}
