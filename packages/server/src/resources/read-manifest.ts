import { DEFAULT_NAMESPACE } from "@stigmer/api";
import { type Manifest as ParsedManifest, parseManifest } from "@stigmer/dsl";
import type { ResourceKey } from "../store/commands-resources.ts";
import type { JsonObject, Manifest, ReadManifestResult } from "./manifest.ts";
import { referencesOf } from "./references.ts";

/** Reads and checks a document with the functions that the command line uses offline. */
export function readManifest(source: string): ReadManifestResult {
  const { manifest, diagnostics } = parseManifest(source, { supported: "now" });
  return { manifest: manifest === undefined ? undefined : toManifest(manifest), findings: diagnostics };
}

function toManifest(parsed: ParsedManifest): Manifest {
  const { kind, name, labels, annotations } = parsed;
  const { spec, secrets } = separateSecrets(parsed);
  return {
    kind,
    // The reader fills in `default`, where the caller's namespace comes first.
    namespace: parsed.namespace === DEFAULT_NAMESPACE ? undefined : parsed.namespace,
    name,
    labels,
    annotations,
    spec,
    version: parsed.kind === "Workflow" ? parsed.document.document.version : "",
    secrets,
    references: (namespace): readonly ResourceKey[] => referencesOf(kind, spec, namespace),
  };
}

/** Values of secrets never become part of a definition. */
function separateSecrets(parsed: ParsedManifest): { readonly spec: JsonObject; readonly secrets: JsonObject } {
  const whole = parsed.spec as unknown as JsonObject;
  if (parsed.kind !== "Environment") return { spec: whole, secrets: {} };
  const { secrets, ...spec } = whole;
  return { spec, secrets: (secrets ?? {}) as JsonObject };
}
