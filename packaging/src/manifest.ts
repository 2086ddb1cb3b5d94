/** One file of the payload as it lies in a version folder. */
export interface ManifestFile {
  readonly path: string;
  readonly mode: number;
  readonly sizeBytes: number;
  readonly sha256: string;
}

/** Everything that a version folder holds beside the links to the executable. */
export interface Manifest {
  readonly id: string;
  readonly version: string;
  readonly files: readonly ManifestFile[];
}

/** Name of the manifest in the executable and in a version folder. */
export const MANIFEST = "manifest.json";

/** Reads a manifest. Throws when the text is not one: its place is then damaged. */
export function parseManifest(text: string): Manifest {
  const value: unknown = JSON.parse(text);
  if (!isManifest(value)) throw new Error(`${MANIFEST} is not a manifest of stigmer`);
  return value;
}

function isManifest(value: unknown): value is Manifest {
  if (!isRecord(value) || typeof value.id !== "string" || typeof value.version !== "string") return false;
  return Array.isArray(value.files) && value.files.every(isManifestFile);
}

function isManifestFile(value: unknown): value is ManifestFile {
  return (
    isRecord(value) &&
    typeof value.path === "string" &&
    isInside(value.path) &&
    typeof value.mode === "number" &&
    typeof value.sizeBytes === "number" &&
    typeof value.sha256 === "string"
  );
}

/** A path of the payload never leaves the version folder. */
function isInside(path: string): boolean {
  return !path.startsWith("/") && !path.split("/").includes("..");
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}
