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
 * Commits a group: files first, then one transaction with a savepoint per command, so that a bad one fails alone.
 * When it returns `committed: true` everything is on disk; otherwise nothing of the group is.
 */
export function commitGroup(parts: WriterParts, calls: readonly CommandCall[]): GroupOutcome {
  const { db } = parts;
  try {
    parts.files.write(calls.flatMap((call) => call.files ?? []));
    db.sql("begin immediate").run();
    const outcomes = calls.map((call) => runCommand(parts, call));
    db.sql("commit").run();
    removeFiles(parts);
    return { committed: true, outcomes };
  } catch (error) {
    db.takeUnlinked();
    if (db.raw.isTransaction) db.raw.exec("rollback");
    return { committed: false, failure: writeFailure(error) };
  }
}

function runCommand({ db, commands }: WriterParts, call: CommandCall): CommandOutcome {
  const command = commands[call.name];
  if (!command)
    return {
      ok: false,
      failure: { reason: "INTERNAL", message: `Cannot run command "${call.name}": it is not in the table` },
    };
  db.sql("savepoint command").run();
  try {
    const value: unknown = command(db, call.params);
    db.sql("release command").run();
    return { ok: true, value };
  } catch (error) {
    if (losesGroup(error)) throw error;
    db.sql("rollback to command").run();
    db.sql("release command").run();
    return { ok: false, failure: writeFailure(error) };
  }
}

function removeFiles({ db, files }: WriterParts): void {
  for (const digest of db.takeUnlinked()) {
    if (!db.get("select 1 from blob where digest = ?", digest)) files.remove(digest);
  }
}
