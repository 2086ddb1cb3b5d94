import { copyFileSync, existsSync, mkdirSync, readFileSync, realpathSync, renameSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { StigmerError } from "@stigmer/api";
import type { HomePaths } from "@stigmer/lifecycle";
import { takeDataLock } from "../store/data-lock.ts";
import { BACKUP_FILES, type BackupList, checkIntegrity, hashFile, listFiles, syncPath } from "./write-backup.ts";

/** What a restore did. */
export interface RestoredBackup {
  /** Where the data that stood there before lies now; absent when there was none. */
  readonly previous: string | undefined;
  /** Secrets that had to be left out because neither the backup nor the home has their key: `namespace/environment/name`. */
  readonly lostSecrets: readonly string[];
}

/**
 * Puts a backup in the place of a home's data, offline. The backup is verified first; the data that stands there is
 * moved aside and never deleted.
 *
 * @throws {StigmerError} BACKUP_INVALID, RESTORE_BLOCKED while a server runs on the data
 */
export async function restoreBackup(path: string, paths: HomePaths): Promise<RestoredBackup> {
  await verifyBackup(path);
  mkdirSync(paths.data, { recursive: true, mode: 0o700 });
  const release = lockData(paths);
  try {
    const staging = `${paths.data}.restore-${process.pid}`;
    try {
      copyBackup(path, staging);
      const lostSecrets = restoreKey(path, staging, paths);
      const previous = swap(staging, paths.data);
      return { previous, lostSecrets };
    } finally {
      rmSync(staging, { recursive: true, force: true });
    }
  } finally {
    release();
  }
}

function lockData(paths: HomePaths): () => void {
  try {
    const lock = takeDataLock(realpathSync(paths.data), paths.home);
    return () => lock.release();
  } catch (error) {
    const message = `Cannot restore into "${paths.home}": a server runs on its data`;
    throw new StigmerError({ reason: "RESTORE_BLOCKED", message, cause: error });
  }
}

/** @throws {StigmerError} BACKUP_INVALID naming the first file that is missing, added or changed */
export async function verifyBackup(path: string): Promise<void> {
  const list = readList(path);
  const files = listFiles(path).filter((name) => name !== BACKUP_FILES.list);
  const stranger = files.find((name) => list.files[name] === undefined);
  if (stranger !== undefined) throw invalid(path, `"${stranger}" is not in its list`);
  if (list.files[BACKUP_FILES.database] === undefined) throw invalid(path, "it holds no database");
  for (const [name, digest] of Object.entries(list.files)) {
    if (!files.includes(name)) throw invalid(path, `"${name}" is missing`);
    if ((await hashFile(join(path, name))) !== digest) throw invalid(path, `"${name}" is damaged`);
  }
}

function readList(path: string): BackupList {
  try {
    const list = JSON.parse(readFileSync(join(path, BACKUP_FILES.list), "utf8")) as Partial<BackupList>;
    if (list.format === 1 && typeof list.files === "object") return list as BackupList;
  } catch (error) {
    throw invalid(path, `its list "${BACKUP_FILES.list}" cannot be read`, error);
  }
  throw invalid(path, "its format is not known");
}

function invalid(path: string, state: string, cause?: unknown): StigmerError {
  return new StigmerError({ reason: "BACKUP_INVALID", message: `Cannot restore "${path}": ${state}`, cause });
}

function copyBackup(path: string, staging: string): void {
  for (const name of listFiles(path)) {
    if (name === BACKUP_FILES.list || name === BACKUP_FILES.key) continue;
    const target = join(staging, name);
    mkdirSync(dirname(target), { recursive: true, mode: 0o700 });
    copyFileSync(join(path, name), target);
    syncPath(target);
  }
  checkIntegrity(join(staging, BACKUP_FILES.database));
  syncPath(staging);
}

/** The backup's key wins over the home's, which is kept beside it; without any key the sealed values are of no use. */
function restoreKey(path: string, staging: string, paths: HomePaths): readonly string[] {
  const key = join(path, BACKUP_FILES.key);
  if (existsSync(key)) {
    mkdirSync(paths.auth, { recursive: true, mode: 0o700 });
    if (existsSync(paths.secretKey)) renameSync(paths.secretKey, `${paths.secretKey}.before-restore`);
    copyFileSync(key, paths.secretKey);
    syncPath(paths.secretKey);
    return [];
  }
  return existsSync(paths.secretKey) ? [] : dropSecrets(join(staging, BACKUP_FILES.database));
}

function dropSecrets(file: string): readonly string[] {
  const db = new DatabaseSync(file);
  try {
    const rows = db.prepare("select namespace, environment, name from secret where name <> '' order by 1, 2, 3").all();
    db.exec("delete from secret");
    return rows.map((row) => `${row.namespace}/${row.environment}/${row.name}`);
  } finally {
    db.close();
  }
}

/** The lock's own files stay where they are: whoever holds the lock holds it on them. */
function swap(staging: string, data: string): string | undefined {
  const parts = [
    BACKUP_FILES.database,
    `${BACKUP_FILES.database}-wal`,
    `${BACKUP_FILES.database}-shm`,
    BACKUP_FILES.blobs,
  ];
  const standing = parts.filter((name) => existsSync(join(data, name)));
  const previous = standing.length === 0 ? undefined : join(data, `before-restore-${Date.now()}`);
  if (previous !== undefined) mkdirSync(previous, { mode: 0o700 });
  for (const name of standing) renameSync(join(data, name), join(previous ?? data, name));
  for (const name of parts) {
    if (existsSync(join(staging, name))) renameSync(join(staging, name), join(data, name));
  }
  syncPath(data);
  return previous;
}
