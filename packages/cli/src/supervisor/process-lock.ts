import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";

/** A lock that the kernel frees when its holder ends, however it ends. */
export interface ProcessLock {
  release(): void;
}

/**
 * Takes the lock at `path` at once: an exclusive transaction on a small SQLite file.
 *
 * @returns undefined when another process holds it
 */
export function acquireProcessLock(path: string): ProcessLock | undefined {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const database = new DatabaseSync(path, { timeout: 0 });
  try {
    database.exec("BEGIN EXCLUSIVE");
  } catch (error) {
    database.close();
    if (error instanceof Error && /locked|busy/i.test(error.message)) return undefined;
    throw error;
  }
  return { release: () => database.close() };
}
