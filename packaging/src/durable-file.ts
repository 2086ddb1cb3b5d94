import { closeSync, fchmodSync, fsyncSync, futimesSync, openSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { EXTRACTED_AT_MS } from "./installation.ts";

/** Writes a file that must not be there yet, with its mode and the time of all extracted files, down to the disk. */
export function writeNewFile(file: string, content: string | Uint8Array, mode: number): void {
  const descriptor = openSync(file, "wx", mode);
  try {
    writeFileSync(descriptor, content);
    fchmodSync(descriptor, mode);
    futimesSync(descriptor, EXTRACTED_AT_MS / 1000, EXTRACTED_AT_MS / 1000);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** Brings the names inside a folder down to the disk. */
export function syncFolder(folder: string): void {
  const descriptor = openSync(folder, "r");
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** The same for a folder and every folder below it. */
export function syncFolders(folder: string): void {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.isDirectory()) syncFolders(join(folder, entry.name));
  }
  syncFolder(folder);
}
