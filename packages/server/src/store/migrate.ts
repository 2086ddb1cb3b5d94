import { mkdirSync, rmSync } from "node:fs";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";
import { StigmerError } from "@stigmer/api";
import type { Migration } from "./migrations/migration.ts";
import { pragma } from "./pragmas.ts";

/** What `migrate` works on. */
export interface MigrateParams {
  readonly db: DatabaseSync;
  readonly migrations: readonly Migration[];
  /** Where copies from before an upgrade go; absent makes none (databases in memory). */
  readonly backupFolder?: string;
  readonly nowMs: number;
}

/**
 * Brings the schema up to date. An existing database is copied and the copy verified before its first change; each
 * migration is a transaction of its own.
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
  refuseNewer(applied, migrations);
  const missing = migrations.filter((one) => !applied.has(one.id));
  if (missing.length > 0 && applied.size > 0 && params.backupFolder)
    backUp(db, params.backupFolder, [...applied].at(-1) ?? "");
  for (const one of missing) apply(params, one);
  return missing.map((one) => one.id);
}

function refuseNewer(applied: ReadonlySet<string>, migrations: readonly Migration[]): void {
  const known = new Set(migrations.map((one) => one.id));
  const unknown = [...applied].filter((id) => !known.has(id));
  if (unknown.length === 0) return;
  throw new StigmerError({
    reason: "SCHEMA_TOO_NEW",
    message: `Cannot open the database: a newer version changed its schema (${unknown.join(", ")}).`,
    hint: "start the newer version, or go back to a copy from before with: stigmer restore PATH",
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

/** Copies the database and reads the copy through before anything is changed. */
function backUp(db: DatabaseSync, folder: string, lastId: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const file = path.join(folder, `after-${lastId}.db`);
  rmSync(file, { force: true });
  db.prepare("vacuum into ?").run(file);
  const copy = new DatabaseSync(file, { readOnly: true });
  try {
    const verdict = pragma(copy, "integrity_check");
    if (verdict !== "ok")
      throw new Error(`Cannot migrate the database: its copy "${file}" is damaged (${String(verdict)})`);
  } finally {
    copy.close();
  }
}
