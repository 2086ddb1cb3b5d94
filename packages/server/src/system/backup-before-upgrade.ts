import { createHash } from "node:crypto";
import { closeSync, copyFileSync, linkSync, mkdirSync, openSync, readSync, renameSync, rmSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { BACKUP_FILES, checkIntegrity, listFiles, syncPath, writeList } from "./write-backup.ts";

/** What a copy before an upgrade is made of. */
export interface BackUpBeforeUpgradeParams {
  readonly db: DatabaseSync;
  /** Folder of the large values. */
  readonly blobFolder: string;
  /** Folder that the copy becomes; a copy of an earlier try that stands there is replaced. */
  readonly path: string;
}

/**
 * Makes a backup that `stigmer restore` takes, before the schema changes and while nothing else is open: the database is
 * copied and read through. Large values never change and are named by their digest, so they are linked and not read.
 *
 * @throws {StigmerError} BACKUP_INVALID when the copy is damaged
 */
export function backUpBeforeUpgrade({ db, blobFolder, path }: BackUpBeforeUpgradeParams): void {
  const staging = `${path}.partial`;
  rmSync(staging, { recursive: true, force: true });
  mkdirSync(staging, { recursive: true, mode: 0o700 });
  const database = join(staging, BACKUP_FILES.database);
  db.prepare("vacuum into ?").run(database);
  checkIntegrity(database);
  const files: Record<string, string> = { [BACKUP_FILES.database]: hashDatabase(database) };
  for (const name of listFiles(blobFolder)) {
    if (name.endsWith(".new")) continue;
    const target = join(staging, BACKUP_FILES.blobs, name);
    placeBlob(join(blobFolder, name), target);
    files[join(BACKUP_FILES.blobs, name)] = basename(name);
  }
  syncPath(database);
  writeList(staging, files);
  rmSync(path, { recursive: true, force: true });
  renameSync(staging, path);
  syncPath(dirname(path));
}

/** A second name for the same bytes; a copy where the disk knows no links. */
function placeBlob(from: string, target: string): void {
  mkdirSync(dirname(target), { recursive: true, mode: 0o700 });
  try {
    linkSync(from, target);
  } catch {
    copyFileSync(from, target);
    syncPath(target);
  }
}

/** SHA-256 of a file in hexadecimal; the server does not serve yet, so it may wait. */
function hashDatabase(file: string): string {
  const hash = createHash("sha256");
  const chunk = Buffer.alloc(1 << 20);
  const handle = openSync(file, "r");
  try {
    for (let size = readSync(handle, chunk); size > 0; size = readSync(handle, chunk)) {
      hash.update(chunk.subarray(0, size));
    }
  } finally {
    closeSync(handle);
  }
  return hash.digest("hex");
}
