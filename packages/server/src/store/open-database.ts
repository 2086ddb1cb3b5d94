import { mkdirSync, realpathSync } from "node:fs";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";
import { openBlobFiles } from "./blob-files.ts";
import { takeDataLock } from "./data-lock.ts";
import { GroupCommitter } from "./group-committer.ts";
import { migrate } from "./migrate.ts";
import type { Migration } from "./migrations/migration.ts";
import { migrations } from "./migrations/migrations.ts";
import { setWriterPragmas } from "./pragmas.ts";
import { ReadConnection } from "./read-connection.ts";
import { createStore, type Store } from "./store.ts";
import { startWriterThread } from "./writer-thread.ts";

/** What opening a database needs. */
export interface OpenDatabaseParams {
  /** The folder `data` of the home; made when missing, locked by its real path. */
  readonly dataDir: string;
  /** Named to whoever finds the folder locked; default: the folder above `dataDir`. */
  readonly home?: string;
  /** File of the writer's thread; default `writer-main.ts` of this package. */
  readonly writerFile?: string | URL;
  /** Default: the migrations compiled in. */
  readonly migrations?: readonly Migration[];
}

/**
 * Opens the database of a home for writing: lock, schema, writer's thread, reading connection.
 *
 * @throws {StigmerError} DATA_IN_USE, SCHEMA_TOO_NEW, DATA_NOT_WRITABLE, DISK_FULL, DATA_CORRUPT
 */
export async function openDatabase(params: OpenDatabaseParams): Promise<Store> {
  mkdirSync(params.dataDir, { recursive: true, mode: 0o700 });
  const folder = realpathSync(params.dataDir);
  const lock = takeDataLock(folder, params.home ?? path.dirname(folder));
  try {
    return await openLocked(params, folder, () => lock.release());
  } catch (error) {
    lock.release();
    throw error;
  }
}

async function openLocked(params: OpenDatabaseParams, folder: string, release: () => void): Promise<Store> {
  const databaseFile = path.join(folder, "stigmer.db");
  const blobFolder = path.join(folder, "blobs");
  prepareSchema(databaseFile, params.migrations ?? migrations);
  let fail: GroupCommitter["fail"] | undefined;
  const writer = await startWriterThread({
    file: params.writerFile ?? new URL("../writer-main.ts", import.meta.url),
    options: { databaseFile, blobFolder },
    onDeath: (failure) => fail?.(failure),
  });
  const reader = new DatabaseSync(databaseFile, { readOnly: true, timeout: 5_000 });
  const read = new ReadConnection(reader);
  const committer = new GroupCommitter({
    writer,
    closeSoon: (flush) => void setImmediate(flush),
    settling: (settle) => read.together(settle),
  });
  fail = (failure) => committer.fail(failure);
  return createStore({
    committer,
    read,
    blobFiles: openBlobFiles(blobFolder),
    close: async () => {
      reader.close();
      await writer.close();
      release();
    },
  });
}

function prepareSchema(databaseFile: string, steps: readonly Migration[]): void {
  const db = new DatabaseSync(databaseFile);
  try {
    setWriterPragmas(db, process.platform);
    migrate({ db, migrations: steps, dataDir: path.dirname(databaseFile), nowMs: Date.now() });
  } finally {
    db.close();
  }
}
