import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";

/** The right to write a data folder; the kernel takes it back when the process ends, however it ends. */
export interface FolderLock {
  release(): void;
}

/** Who holds the lock, as far as it has said so. */
export interface LockOwner {
  readonly pid?: number;
  readonly home?: string;
}

/**
 * Takes the one lock on a data folder: an exclusive transaction on a SQLite file of its own, which needs no native code
 * and is freed by the kernel. Waits a moment: contenders that only look must not turn each other away.
 *
 * @param folder real path of the data folder
 */
export function lockFolder(
  folder: string,
  home: string,
): { readonly lock: FolderLock } | { readonly owner: LockOwner } {
  const db = new DatabaseSync(path.join(folder, "lock.db"), { timeout: WAIT_MS });
  try {
    db.exec("begin exclusive");
  } catch (error) {
    db.close();
    if (isBusy(error)) return { owner: readOwner(folder) };
    throw error;
  }
  writeFileSync(ownerFile(folder), JSON.stringify({ pid: process.pid, home }), { mode: 0o600 });
  held.add(db);
  const release = (): void => {
    if (!held.delete(db)) return;
    db.exec("rollback");
    db.close();
  };
  return { lock: { release } };
}

/** A connection that nobody refers to is collected, and its lock with it: holding one is enough. */
const held = new Set<DatabaseSync>();

/** Longer than any contender looks, shorter than anyone minds. */
const WAIT_MS = 300;

const ownerFile = (folder: string): string => path.join(folder, "lock.json");

function isBusy(error: unknown): boolean {
  if (!(error instanceof Error) || !("errcode" in error) || typeof error.errcode !== "number") return false;
  const primary = error.errcode & 0xff;
  return primary === 5 || primary === 6;
}

/** The owner has the lock perhaps before it has written its name: the lock alone decides. */
function readOwner(folder: string): LockOwner {
  try {
    const owner: unknown = JSON.parse(readFileSync(ownerFile(folder), "utf8"));
    if (typeof owner !== "object" || owner === null || !("pid" in owner) || !("home" in owner)) return {};
    return { pid: Number(owner.pid), home: String(owner.home) };
  } catch {
    return {};
  }
}
