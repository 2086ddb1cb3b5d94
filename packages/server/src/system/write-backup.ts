import { createHash } from "node:crypto";
import {
  closeSync,
  copyFileSync,
  createReadStream,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join, relative } from "node:path";
import { backup, DatabaseSync } from "node:sqlite";
import { StigmerError } from "@stigmer/api";
import { type HomePaths, VERSION } from "@stigmer/lifecycle";
import type { ReadConnection } from "../store/read-connection.ts";

/** What a backup consists of, by name below its folder. */
export const BACKUP_FILES = { database: "stigmer.db", blobs: "blobs", key: "secret-key", list: "backup.json" } as const;

/** The list that stands in a backup and tells whether it is whole. */
export interface BackupList {
  readonly format: 1;
  readonly version: string;
  readonly createdAt: string;
  /** SHA-256 in hexadecimal, by path below the folder. */
  readonly files: Readonly<Record<string, string>>;
}

/** A backup that was written and read back. */
export interface WrittenBackup {
  readonly path: string;
  readonly sizeBytes: number;
  /** Digest of the list, which holds the digests of all files. */
  readonly digest: string;
}

/** What writing a backup needs. */
export interface WriteBackupParams {
  /** An absolute path that does not exist yet. */
  readonly path: string;
  readonly key: "with-key" | "without-key";
  readonly paths: HomePaths;
  readonly read: ReadConnection;
}

/**
 * Copies the database and the blobs while everything runs, into a folder beside the target that gets its name only
 * when it is whole: integrity checked, every file's digest in the list, everything on disk.
 *
 * @throws {StigmerError} BACKUP_EXISTS, BACKUP_INVALID, DATA_NOT_WRITABLE
 */
export async function writeBackup(params: WriteBackupParams): Promise<WrittenBackup> {
  if (existsSync(params.path)) {
    throw new StigmerError({ reason: "BACKUP_EXISTS", message: `Cannot write backup "${params.path}": it exists` });
  }
  const staging = `${params.path}.partial-${process.pid}`;
  try {
    makeFolder(staging);
    await backup(params.read.raw, join(staging, BACKUP_FILES.database));
    checkIntegrity(join(staging, BACKUP_FILES.database));
    copyBlobs(params.paths.blobs, join(staging, BACKUP_FILES.blobs));
    checkBlobs(staging);
    if (params.key === "with-key") copyFileSync(params.paths.secretKey, join(staging, BACKUP_FILES.key));
    const { files, sizeBytes } = await hashFiles(staging);
    const digest = writeList(staging, files);
    renameSync(staging, params.path);
    syncPath(dirname(params.path));
    return { path: params.path, sizeBytes, digest };
  } finally {
    rmSync(staging, { recursive: true, force: true });
  }
}

function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  } catch (error) {
    const state = error instanceof Error && "code" in error ? String(error.code) : "unknown";
    const message = `Cannot write backup "${folder}": its folder cannot be made (${state})`;
    throw new StigmerError({ reason: "DATA_NOT_WRITABLE", message, hint: "name a writable folder", cause: error });
  }
}

/** @throws {StigmerError} BACKUP_INVALID when SQLite finds the file damaged */
export function checkIntegrity(file: string): void {
  const db = new DatabaseSync(file);
  try {
    const rows = db.prepare("pragma integrity_check").all();
    const verdict = rows.map((row) => String(row.integrity_check)).join("; ");
    if (verdict === "ok") return;
    throw new StigmerError({ reason: "BACKUP_INVALID", message: `Cannot use "${file}": ${verdict.slice(0, 200)}` });
  } catch (error) {
    if (error instanceof StigmerError) throw error;
    throw new StigmerError({
      reason: "BACKUP_INVALID",
      message: `Cannot use "${file}": it is no database`,
      cause: error,
    });
  } finally {
    db.close();
  }
}

/** Blobs are written once and never change, so a copy while the server runs is whole. */
function copyBlobs(from: string, to: string): void {
  for (const path of listFiles(from)) {
    if (path.endsWith(".new")) continue;
    const target = join(to, path);
    mkdirSync(dirname(target), { recursive: true, mode: 0o700 });
    copyFileSync(join(from, path), target);
  }
}

/** Every value that the copied database keeps as a file must be in the copy. */
function checkBlobs(staging: string): void {
  const db = new DatabaseSync(join(staging, BACKUP_FILES.database), { readOnly: true });
  try {
    const copied = new Set(listFiles(join(staging, BACKUP_FILES.blobs)).map((path) => `sha256:${basename(path)}`));
    const rows = db.prepare("select digest from blob where content is null").all();
    const lost = rows.find((row) => !copied.has(String(row.digest)));
    if (lost === undefined) return;
    const message = `Cannot write backup "${staging}": the file of value "${lost.digest}" is missing`;
    throw new StigmerError({ reason: "BACKUP_INVALID", message, hint: "look at the data with: stigmer doctor" });
  } finally {
    db.close();
  }
}

async function hashFiles(folder: string): Promise<Pick<BackupList, "files"> & { readonly sizeBytes: number }> {
  const files: Record<string, string> = {};
  let sizeBytes = 0;
  for (const path of listFiles(folder)) {
    files[path] = await hashFile(join(folder, path));
    sizeBytes += statSync(join(folder, path)).size;
    syncPath(join(folder, path));
  }
  return { files, sizeBytes };
}

/** Writes the list that makes a folder a backup, behind everything else; gives the digest of the list. */
export function writeList(folder: string, files: BackupList["files"]): string {
  const list: BackupList = { format: 1, version: VERSION, createdAt: new Date().toISOString(), files };
  const text = `${JSON.stringify(list, null, 2)}\n`;
  writeFileSync(join(folder, BACKUP_FILES.list), text, { mode: 0o600, flush: true });
  syncPath(folder);
  return `sha256:${createHash("sha256").update(text).digest("hex")}`;
}

/** Paths of all files below a folder, relative to it, in order. */
export function listFiles(folder: string): readonly string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .sort();
}

/** SHA-256 of a file in hexadecimal. */
export async function hashFile(path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return hash.digest("hex");
}

/** Brings a file or folder to the disk. */
export function syncPath(path: string): void {
  const file = openSync(path, "r");
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
