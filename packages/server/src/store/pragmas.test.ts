import { rmSync } from "node:fs";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { makeTestFolder } from "../test-folder.testsuite.ts";
import { assertDurable, pragma, setWriterPragmas } from "./pragmas.ts";

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

describe("setWriterPragmas()", () => {
  test.for([
    ["journal_mode", "wal"],
    ["synchronous", 2],
    ["auto_vacuum", 2],
    ["wal_autocheckpoint", 1000],
  ] as const)("sets %s to %s", ([name, value]) => {
    setWriterPragmas(db, "linux");
    expect(pragma(db, name)).toBe(value);
  });

  test("flushes the drive's cache on macOS", () => {
    setWriterPragmas(db, "darwin");
    expect([pragma(db, "fullfsync"), pragma(db, "checkpoint_fullfsync")]).toEqual([1, 1]);
  });
});

describe("assertDurable()", () => {
  test.for([
    ["pragma synchronous = normal", /synchronous is 1/],
    ["pragma synchronous = off", /synchronous is 0/],
    ["pragma journal_mode = delete", /journal mode is delete/],
  ] as const)("refuses a connection after '%s'", ([spoil, words]) => {
    setWriterPragmas(db, "linux");
    db.exec(spoil);
    expect(() => assertDurable(db)).toThrow(words);
  });
});
