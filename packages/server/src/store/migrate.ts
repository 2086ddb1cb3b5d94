import { existsSync } from "node:fs";
import path from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { StigmerError } from "@stigmer/api";
import { backUpBeforeUpgrade } from "../system/backup-before-upgrade.ts";
import type { Migration } from "./migrations/migration.ts";

/** What `migrate` works on. */
export interface MigrateParams {
  readonly db: DatabaseSync;
  readonly migrations: readonly Migration[];
  /** The folder `data`: `stigmer.db`, `blobs`, and `backups`; absent for databases in memory, which are not copied. */
  readonly dataDir?: string;
  readonly nowMs: number;
}

/**
 * Brings the schema up to date. Before the first change of existing data a backup of it is made, which `stigmer restore`
 * takes; each migration is a transaction of its own.
 *
 * @returns ids of the migrations that ran
 * @throws {StigmerError} SCHEMA_TOO_NEW if a newer version wrote this database
 */
export function migrate(params: MigrateParams): readonly string[] {
  const { db, migrations } = params;
  db.exec("create table if not exists migration(id text primary key, applied_at integer not null) without rowid");
  const applied = new Set(
    db
      .prepare("select id from migration")
      .all()
      .map((row) => String(row.id)),
  );
  refuseNewer(params, applied);
  const missing = migrations.filter((one) => !applied.has(one.id));
  if (missing.length > 0 && applied.size > 0 && params.dataDir) {
    const blobFolder = path.join(params.dataDir, "blobs");
    backUpBeforeUpgrade({ db, blobFolder, path: backupPath(params.dataDir, [...applied].at(-1)) });
  }
  for (const one of missing) apply(params, one);
  return missing.map((one) => one.id);
}

/** Where the copy lies that was made when `lastId` was the last step of the schema. */
function backupPath(dataDir: string, lastId: string | undefined): string {
  return path.join(dataDir, "backups", `after-${lastId}`);
}

function refuseNewer({ migrations, dataDir }: MigrateParams, applied: ReadonlySet<string>): void {
  const known = new Set(migrations.map((one) => one.id));
  const unknown = [...applied].filter((id) => !known.has(id));
  if (unknown.length === 0) return;
  const copy = backupPath(
    dataDir ?? "",
    [...applied].findLast((id) => known.has(id)),
  );
  throw new StigmerError({
    reason: "SCHEMA_TOO_NEW",
    message: `Cannot open the database: a newer version changed its schema (${unknown.join(", ")}).`,
    hint: `start the newer version, or go back to the copy from before it with: stigmer restore ${existsSync(copy) ? copy : "PATH"}`,
  });
}

function apply({ db, nowMs }: MigrateParams, migration: Migration): void {
  db.exec("begin immediate");
  try {
    migration.up(db);
    db.prepare("insert into migration(id, applied_at) values (?, ?)").run(migration.id, nowMs);
    db.exec("commit");
  } catch (error) {
    if (db.isTransaction) db.exec("rollback");
    throw new Error(`Cannot migrate the database to "${migration.id}": nothing was changed`, { cause: error });
  }
}
