import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { ExtractionError } from "./extraction-error.ts";

const LOCK_WAIT_MS = 60_000;

/**
 * Takes the one lock under which version folders of a home change; released on disposal, and by the kernel when the
 * holder dies. It is an exclusive transaction of SQLite, so no stale lock has to be recognised.
 *
 * @throws {ExtractionError} when another process holds it for a minute
 */
export function lockExtraction(home: string): Disposable {
  const file = join(home, ".extract.lock");
  const database = openLock(file);
  return {
    [Symbol.dispose]() {
      database.exec("ROLLBACK");
      database.close();
    },
  };
}

function openLock(file: string): DatabaseSync {
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(file, { timeout: LOCK_WAIT_MS });
    // Nothing is ever written, so no journal file has to be left beside the lock by a killed process.
    database.exec("PRAGMA journal_mode=MEMORY; BEGIN EXCLUSIVE");
    return database;
  } catch (error) {
    database?.close();
    const words = error instanceof Error ? error.message : String(error);
    throw new ExtractionError(`cannot lock ${file}: ${words}`, { cause: error });
  }
}
