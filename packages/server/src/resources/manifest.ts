import type { Finding, ResourceKind } from "@stigmer/api";
import type { Reference } from "./references.ts";

/** A value of plain JSON. */
export type JsonValue = null | boolean | number | string | JsonValue[] | { [key: string]: JsonValue };
/** A JSON object. */
export type JsonObject = { [key: string]: JsonValue };

/** An applied document, read and checked. */
export interface Manifest {
  readonly kind: ResourceKind;
  /** Absent where the document names none. */
  readonly namespace: string | undefined;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  /** The definition that is pinned; without values of secrets. */
  readonly spec: JsonObject;
  /** `document.version` of a workflow, else empty. */
  readonly version: string;
  /** Values of secrets that an Environment's document carries, by name. */
  readonly secrets: Readonly<Record<string, JsonValue>>;
  /** What the definition names; namespaces are filled in. */
  readonly references: (namespace: string) => readonly Reference[];
  /** Where a value of the definition stands in the document: pointer below the document, line and column from 1. */
  readonly positionOf: (pointer: string) => Required<Pick<Finding, "pointer" | "line" | "column">>;
}

/** A manifest, or the findings that stand against it. `findings` may hold warnings beside a manifest. */
export interface ReadManifestResult {
  readonly manifest: Manifest | undefined;
  readonly findings: readonly Finding[];
}

/** Reads and checks a document. */
export type ReadManifest = (source: string) => ReadManifestResult;
