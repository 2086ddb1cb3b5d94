import { DEFAULT_NAMESPACE } from "@stigmer/api";
import { type Manifest as ParsedManifest, parseManifest, type SourceMap } from "@stigmer/dsl";
import type { JsonObject, Manifest, ReadManifestResult } from "./manifest.ts";
import { referencesOf } from "./references.ts";

/** Reads and checks a document with the functions that the command line uses offline. */
export function readManifest(source: string): ReadManifestResult {
  const { manifest, diagnostics, sourceMap } = parseManifest(source, { supported: "now" });
  return { manifest: manifest === undefined ? undefined : toManifest(manifest, sourceMap), findings: diagnostics };
}

function toManifest(parsed: ParsedManifest, sourceMap: SourceMap): Manifest {
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
    references: (namespace) => referencesOf(kind, spec, namespace),
    positionOf: (pointer) => {
      const whole = `${definitionPointer(sourceMap)}${pointer}`;
      return { pointer: whole, ...sourceMap.valuePosition(whole) };
    },
  };
}

/** A bare workflow is its definition; it has no `spec`, so the place of that is the place of the whole. */
function definitionPointer(sourceMap: SourceMap): "" | "/spec" {
  const [whole, spec] = [sourceMap.valuePosition(""), sourceMap.valuePosition("/spec")];
  return whole.line === spec.line && whole.column === spec.column ? "" : "/spec";
}

/** Values of secrets never become part of a definition. */
function separateSecrets(parsed: ParsedManifest): { readonly spec: JsonObject; readonly secrets: JsonObject } {
  const whole = parsed.spec as unknown as JsonObject;
  if (parsed.kind !== "Environment") return { spec: whole, secrets: {} };
  const { secrets, ...spec } = whole;
  return { spec, secrets: (secrets ?? {}) as JsonObject };
}
