import { existsSync, rmSync } from "node:fs";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";
import { isStigmerError } from "@stigmer/api";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { makeTestFolder } from "../test-folder.testsuite.ts";
import { migrate } from "./migrate.ts";
import type { Migration } from "./migrations/migration.ts";

const first: Migration = { id: "0001-first", up: (db) => db.exec("create table a(x); insert into a values (1)") };
const second: Migration = { id: "0002-second", up: (db) => db.exec("create table b(y)") };
const broken: Migration = { id: "0002-broken", up: (db) => db.exec("create table c(z); select nonsense") };

let folder = "";
let db: DatabaseSync;
beforeEach(() => {
  folder = makeTestFolder();
  db = new DatabaseSync(path.join(folder, "x.db"));
});
afterEach(() => {
  db.close();
  rmSync(folder, { recursive: true, force: true });
});

const run = (migrations: readonly Migration[]) => migrate({ db, migrations, dataDir: folder, nowMs: 1 });
const tables = () =>
  db
    .prepare("select name from sqlite_master where type = 'table' order by name")
    .all()
    .map((row) => row.name);

describe("migrate()", () => {
  test("runs what is missing, once", () => {
    expect(run([first])).toEqual(["0001-first"]);
    expect(run([first])).toEqual([]);
    expect(run([first, second])).toEqual(["0002-second"]);
    expect(tables()).toEqual(["a", "b", "migration"]);
  });

  test("keeps a readable copy from before an upgrade, and none of a new database", () => {
    run([first]);
    expect(existsSync(path.join(folder, "backups"))).toBe(false);
    run([first, second]);
    const copy = new DatabaseSync(path.join(folder, "backups", "after-0001-first", "stigmer.db"), { readOnly: true });
    expect(copy.prepare("select x from a").all()).toEqual([{ x: 1 }]);
    expect(() => copy.prepare("select * from b")).toThrow(/no such table/);
    copy.close();
  });

  test("undoes a step that fails", () => {
    run([first]);
    expect(() => run([first, broken])).toThrow(/0002-broken/);
    expect(tables()).toEqual(["a", "migration"]);
    expect(run([first, second])).toEqual(["0002-second"]);
  });

  test("refuses a schema from a newer version and names restore", () => {
    run([first, second]);
    let caught: unknown;
    try {
      run([first]);
    } catch (error) {
      caught = error;
    }
    expect(isStigmerError(caught, "SCHEMA_TOO_NEW") && [caught.message, caught.hint].join()).toMatch(
      /0002-second.*restore/s,
    );
  });
});
