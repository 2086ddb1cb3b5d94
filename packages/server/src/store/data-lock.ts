import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";
import { StigmerError } from "@stigmer/api";

/** The right to write a data folder; the kernel takes it back when the process ends, however it ends. */
export interface DataLock {
  release(): void;
}

/**
 * Takes the one lock on a data folder: an exclusive transaction on a SQLite file of its own, which needs no native code
 * and is freed by the kernel. Waits a moment: contenders that only look must not turn each other away.
 *
 * @param folder real path of the data folder
 * @throws {StigmerError} DATA_IN_USE with the owner's pid and home
 */
export function takeDataLock(folder: string, home: string): DataLock {
  const db = new DatabaseSync(path.join(folder, "lock.db"), { timeout: WAIT_MS });
  try {
    db.exec("begin exclusive");
  } catch (error) {
    db.close();
    if (isBusy(error)) throw inUse(folder);
    throw error;
  }
  writeFileSync(ownerFile(folder), JSON.stringify({ pid: process.pid, home }), { mode: 0o600 });
  held.add(db);
  return {
    release: () => {
      if (!held.delete(db)) return;
      db.exec("rollback");
      db.close();
    },
  };
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

function inUse(folder: string): StigmerError {
  const owner = readOwner(folder);
  const who = owner ? `pid ${owner.pid} (home ${owner.home}) holds it` : "another process holds it";
  return new StigmerError({
    reason: "DATA_IN_USE",
    message: `Cannot open "${folder}": ${who}.`,
    details: { metadata: owner ? { pid: String(owner.pid), home: owner.home } : {} },
  });
}

function readOwner(folder: string): { pid: number; home: string } | undefined {
  try {
    const owner: unknown = JSON.parse(readFileSync(ownerFile(folder), "utf8"));
    if (typeof owner !== "object" || owner === null || !("pid" in owner) || !("home" in owner)) return undefined;
    return { pid: Number(owner.pid), home: String(owner.home) };
  } catch {
    // The owner has the lock but has not written its name yet: the lock alone decides.
    return undefined;
  }
}
