import { DatabaseSync } from "node:sqlite";
import type { BlobFiles } from "./blob-files.ts";
import type { CommandCall, CommandTable, GroupOutcome } from "./command.ts";
import { commands } from "./commands.ts";
import { commitGroup } from "./commit-group.ts";
import { GroupCommitter, type GroupWriter } from "./group-committer.ts";
import { migrate } from "./migrate.ts";
import { migrations } from "./migrations/migrations.ts";
import { ReadConnection } from "./read-connection.ts";
import { createStore, type Store } from "./store.ts";
import { WriteConnection } from "./write-connection.ts";

/** A database in memory whose groups this thread commits; for tests and the simulation. */
export interface MemoryDatabase {
  readonly raw: DatabaseSync;
  readonly read: ReadConnection;
  /** Commits a group at once, as the writer's thread would. */
  commit(calls: readonly CommandCall[]): GroupOutcome;
  /** A store over it; `writer` and `closeSoon` may be replaced by a simulated disk and turn. */
  open(parts?: { readonly writer?: GroupWriter; readonly closeSoon?: (flush: () => void) => void }): Store;
  /** Forgets all rows, keeps the schema. */
  clear(): void;
}

/** Parts that planted faults replace. */
export interface MemoryDatabaseParts {
  readonly commands?: CommandTable;
  readonly files?: BlobFiles;
}

/** Makes a database in memory with the product's schema and commands. */
export function createMemoryDatabase(spoiled: MemoryDatabaseParts = {}): MemoryDatabase {
  const raw = new DatabaseSync(":memory:");
  raw.exec("pragma foreign_keys = on");
  migrate({ db: raw, migrations, nowMs: 0 });
  const files = spoiled.files ?? createMemoryBlobFiles();
  const parts = { db: new WriteConnection(raw), files, commands: spoiled.commands ?? commands };
  const read = new ReadConnection(raw);
  const clear = emptyTables(raw);
  const commit = (calls: readonly CommandCall[]): GroupOutcome => commitGroup(parts, calls);
  const direct: GroupWriter = {
    commit: (calls, done) => queueMicrotask(() => done(commit(calls))),
    close: () => Promise.resolve(),
  };
  return {
    raw,
    read,
    commit,
    clear,
    open: ({ writer = direct, closeSoon = (flush: () => void) => void setImmediate(flush) } = {}) =>
      createStore({
        committer: new GroupCommitter({ writer, closeSoon }),
        read,
        blobFiles: files,
        close: () => writer.close(),
      }),
  };
}

function createMemoryBlobFiles(): BlobFiles {
  const held = new Map<string, Uint8Array>();
  return {
    write: (all) => {
      for (const one of all) held.set(one.digest, one.bytes);
    },
    read: (digest) => held.get(digest),
    remove: (digest) => void held.delete(digest),
    list: () => [...held.keys()],
  };
}

function emptyTables(raw: DatabaseSync): () => void {
  const names = raw
    .prepare(
      "select name from sqlite_master where type = 'table' and name not like 'sqlite_%' and name <> 'migration' and sql not like '%virtual%' and name not glob '*_fts_*'",
    )
    .all()
    .map((row) => raw.prepare(`delete from ${String(row.name)}`));
  return () => {
    for (const statement of names.toReversed()) statement.run();
  };
}
