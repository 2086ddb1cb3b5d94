import type { BlobFiles } from "./blob-files.ts";
import type { CommandCall, CommandOutcome, CommandTable, GroupOutcome } from "./command.ts";
import type { WriteConnection } from "./write-connection.ts";
import { losesGroup, writeFailure } from "./write-failure.ts";

/** What a writer works on. */
export interface WriterParts {
  readonly db: WriteConnection;
  readonly files: BlobFiles;
  readonly commands: CommandTable;
}

/**
 * Commits a group: files first, then one transaction. Savepoints around the commands, so that a bad one fails alone,
 * come with a second try only: each makes SQLite copy the pages that it touches, and nearly every group is good.
 * When it returns `committed: true` everything is on disk; otherwise nothing of the group is.
 */
export function commitGroup(parts: WriterParts, calls: readonly CommandCall[]): GroupOutcome {
  const { db } = parts;
  try {
    parts.files.write(calls.flatMap((call) => call.files ?? []));
    const outcomes = commitTogether(parts, calls) ?? commitApart(parts, calls);
    removeFiles(parts);
    return { committed: true, outcomes };
  } catch (error) {
    rollBack(db);
    return { committed: false, failure: writeFailure(error) };
  }
}

/** Undefined, and nothing written, when one of them is refused. */
function commitTogether({ db, commands }: WriterParts, calls: readonly CommandCall[]): CommandOutcome[] | undefined {
  db.sql("begin immediate").run();
  try {
    const outcomes = calls.map((call): CommandOutcome => ({ ok: true, value: find(commands, call)(db, call.params) }));
    db.sql("commit").run();
    return outcomes;
  } catch (error) {
    if (losesGroup(error)) throw error;
    rollBack(db);
    return undefined;
  }
}

function commitApart(parts: WriterParts, calls: readonly CommandCall[]): CommandOutcome[] {
  parts.db.sql("begin immediate").run();
  const outcomes = calls.map((call) => runInSavepoint(parts, call));
  parts.db.sql("commit").run();
  return outcomes;
}

function runInSavepoint({ db, commands }: WriterParts, call: CommandCall): CommandOutcome {
  db.sql("savepoint command").run();
  try {
    const value: unknown = find(commands, call)(db, call.params);
    db.sql("release command").run();
    return { ok: true, value };
  } catch (error) {
    if (losesGroup(error)) throw error;
    db.sql("rollback to command").run();
    db.sql("release command").run();
    return { ok: false, failure: writeFailure(error) };
  }
}

function find(commands: CommandTable, { name }: CommandCall): CommandTable[string] {
  const command = commands[name];
  if (!command) throw new Error(`Cannot run command "${name}": it is not in the table`);
  return command;
}

function rollBack(db: WriteConnection): void {
  db.takeUnlinked();
  if (db.raw.isTransaction) db.raw.exec("rollback");
}

function removeFiles({ db, files }: WriterParts): void {
  for (const digest of db.takeUnlinked()) {
    if (!db.get("select 1 from blob where digest = ?", digest)) files.remove(digest);
  }
}
