import { mkdirSync, readFileSync, renameSync, rmSync, statfsSync } from "node:fs";
import { dirname, join } from "node:path";
import { syncFolder, syncFolders, writeNewFile } from "./durable-file.ts";
import { ExtractionError } from "./extraction-error.ts";
import { createFolder } from "./home-folder.ts";
import { MANIFEST, type Manifest, type ManifestFile } from "./manifest.ts";
import { placeExecutable } from "./place-executable.ts";
import { EXECUTABLES } from "./roles.ts";
import { sha256 } from "./sha256.ts";
import { removeVersion, stagingFolder } from "./tidy-versions.ts";

/** What a version folder is written from. */
export interface UnpackParams {
  readonly folder: string;
  readonly manifest: Manifest;
  readonly readFile: (path: string) => Buffer;
}

/** Whether a version folder was completed: its `.version` is written last. */
export function isWholeVersion(folder: string): boolean {
  try {
    return join(dirname(folder), readFileSync(join(folder, ".version"), "utf8")) === folder;
  } catch {
    return false;
  }
}

/** Writes a version folder beside its place and moves it there whole. Called under the extraction lock. */
export function unpackVersion({ folder, manifest, readFile }: UnpackParams): void {
  const versions = dirname(folder);
  createFolder(versions);
  const staging = stagingFolder(versions, "unpack");
  mkdirSync(staging, { mode: 0o700 });
  try {
    for (const name of EXECUTABLES) placeExecutable(join(staging, name));
    assertFreeSpace(staging, manifest);
    for (const file of manifest.files) writePayloadFile(staging, file, readFile(file.path));
    writeNewFile(join(staging, MANIFEST), JSON.stringify(manifest), 0o600);
    writeNewFile(join(staging, ".version"), manifest.id, 0o600);
    syncFolders(staging);
    removeVersion(versions, manifest.id);
    renameSync(staging, folder);
    syncFolder(versions);
  } catch (error) {
    rmSync(staging, { recursive: true, force: true });
    throw error;
  }
}

/**
 * Writes one file of the payload below a folder.
 *
 * @throws {ExtractionError} when the content is not what the manifest promises
 */
export function writePayloadFile(folder: string, file: ManifestFile, content: Buffer): void {
  if (sha256(content) !== file.sha256) {
    throw new ExtractionError(`${file.path} inside the executable does not match its checksum`);
  }
  const target = join(folder, file.path);
  createFolder(dirname(target));
  writeNewFile(target, content, file.mode);
}

function assertFreeSpace(folder: string, manifest: Manifest): void {
  const neededBytes = manifest.files.reduce((sum, file) => sum + file.sizeBytes, 0) * 1.05;
  const { bavail, bsize } = statfsSync(folder);
  if (bavail * bsize >= neededBytes) return;
  const [needed, free] = [neededBytes, bavail * bsize].map((bytes) => (bytes / 1e6).toFixed(1));
  throw new ExtractionError(`needs ${needed} MB in ${dirname(folder)}, ${free} MB are free`);
}
