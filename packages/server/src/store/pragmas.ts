import type { DatabaseSync } from "node:sqlite";

/** SQLite's number for `synchronous=FULL`: the log is synced before a commit returns. */
const FULL = 2;

/**
 * Makes a connection durable: WAL, every commit synced, on macOS down to the drive. Reads the settings back.
 *
 * With `synchronous=NORMAL` a power cut loses every acknowledged commit, so anything but FULL is refused.
 *
 * @throws {Error} if SQLite did not take the settings
 */
export function setWriterPragmas(db: DatabaseSync, platform: string): void {
  db.exec("pragma auto_vacuum = incremental");
  db.exec("pragma journal_mode = wal");
  db.exec("pragma synchronous = full");
  db.exec("pragma wal_autocheckpoint = 1000");
  db.exec("pragma cache_size = -16000");
  db.exec("pragma temp_store = memory");
  db.exec("pragma busy_timeout = 5000");
  db.exec("pragma foreign_keys = on");
  if (platform === "darwin") db.exec("pragma fullfsync = 1; pragma checkpoint_fullfsync = 1");
  assertDurable(db);
}

/** Refuses a connection that could lose what it acknowledged. */
export function assertDurable(db: DatabaseSync): void {
  const synchronous = pragma(db, "synchronous");
  if (synchronous !== FULL)
    throw new Error(`Cannot use the database: synchronous is ${synchronous}, not ${FULL} (FULL)`);
  const mode = pragma(db, "journal_mode");
  if (mode !== "wal") throw new Error(`Cannot use the database: its journal mode is ${mode}, not wal`);
}

/** The value of a pragma by its name, which must be a constant of ours. */
export function pragma(db: DatabaseSync, name: string): unknown {
  const row = db.prepare(`pragma ${name}`).get();
  return row ? Object.values(row)[0] : undefined;
}
