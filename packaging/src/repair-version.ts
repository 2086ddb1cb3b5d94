import { mkdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync } from "node:fs";
import { dirname, join } from "node:path";
import { syncFolder } from "./durable-file.ts";
import { createFolder } from "./home-folder.ts";
import { EXTRACTED_AT_MS, hasOwnSize, isUntouched } from "./installation.ts";
import type { Manifest, ManifestFile } from "./manifest.ts";
import { placeExecutable } from "./place-executable.ts";
import { EXECUTABLES } from "./roles.ts";
import { sha256 } from "./sha256.ts";
import { stagingFolder } from "./tidy-versions.ts";
import { type UnpackParams, writePayloadFile } from "./unpack-version.ts";
import { findDamage } from "./verify-version.ts";

/** `stamp` believes size and time where they are right; `digest` reads every file. */
export interface RepairParams extends UnpackParams {
  readonly trust: "stamp" | "digest";
}

/**
 * Writes missing and changed files of a complete version folder again, each one whole by a rename, so that a platform
 * running from it never sees half a file. Called under the extraction lock.
 *
 * @returns paths of the files that were written
 */
export function repairVersion(params: RepairParams): string[] {
  const { folder, manifest, trust } = params;
  const files = manifest.files.filter((file) => !isIntact(folder, file, trust));
  const names =
    trust === "digest" ? damagedExecutables(folder, manifest) : EXECUTABLES.filter((name) => !fits(join(folder, name)));
  if (files.length + names.length === 0) return [];
  const staging = stagingFolder(dirname(folder), "repair");
  mkdirSync(staging, { mode: 0o700 });
  try {
    for (const file of files) {
      writePayloadFile(staging, file, params.readFile(file.path));
      moveInto(staging, folder, file.path);
    }
    for (const name of names) {
      placeExecutable(join(staging, name));
      moveInto(staging, folder, name);
    }
  } finally {
    rmSync(staging, { recursive: true, force: true });
  }
  return [...files.map((file) => file.path), ...names];
}

function isIntact(folder: string, file: ManifestFile, trust: RepairParams["trust"]): boolean {
  const path = join(folder, file.path);
  try {
    if (trust === "stamp" && isUntouched(path, file.sizeBytes)) return true;
    if (statSync(path).uid !== process.getuid?.() || sha256(readFileSync(path)) !== file.sha256) return false;
    utimesSync(path, EXTRACTED_AT_MS / 1000, EXTRACTED_AT_MS / 1000);
    return true;
  } catch {
    return false;
  }
}

function damagedExecutables(folder: string, manifest: Manifest): string[] {
  const damaged = new Set(findDamage({ folder, manifest }).map((damage) => damage.path));
  return EXECUTABLES.filter((name) => damaged.has(name));
}

function fits(file: string): boolean {
  try {
    return hasOwnSize(file);
  } catch {
    return false;
  }
}

function moveInto(staging: string, folder: string, path: string): void {
  const target = join(folder, path);
  createFolder(dirname(target));
  renameSync(join(staging, path), target);
  syncFolder(dirname(target));
}
