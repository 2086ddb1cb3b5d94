import { DatabaseSync } from "node:sqlite";
import { describe, expect, test } from "vitest";
import type { CommandCall, CommandOutcome, GroupOutcome } from "./command.ts";
import { commitGroup } from "./commit-group.ts";
import { GroupCommitter } from "./group-committer.ts";
import { WriteConnection } from "./write-connection.ts";

const noFiles = { write: () => {}, read: () => undefined, remove: () => {}, list: () => [] };

/** A committer over a real database in memory whose groups finish when the test says so. */
function setUp(options: { readonly maxCommands?: number; readonly maxBytes?: number } = {}) {
  const raw = new DatabaseSync(":memory:");
  raw.exec("create table t(x integer unique not null)");
  const commands = {
    put: (db: WriteConnection, x: number) => {
      db.run("insert into t(x) values (?)", x);
      if (x < 0) throw new Error("negative");
      return x * 2;
    },
  };
  const parts = { db: new WriteConnection(raw), files: noFiles, commands };
  const open: (() => void)[] = [];
  const sizes: number[] = [];
  const turn: (() => void)[] = [];
  const committer = new GroupCommitter({
    writer: {
      commit: (calls: readonly CommandCall[], done: (outcome: GroupOutcome) => void) => {
        sizes.push(calls.length);
        open.push(() => done(commitGroup(parts, calls)));
      },
      close: () => Promise.resolve(),
    },
    closeSoon: (flush) => void turn.push(flush),
    ...options,
  });
  const outcomes: CommandOutcome[] = [];
  const put = (x: number, sizeBytes = 1): void =>
    committer.add({ name: "put", params: x }, sizeBytes, (outcome) => outcomes.push(outcome));
  return {
    raw,
    committer,
    put,
    outcomes,
    sizes,
    endTurn: () => {
      for (const flush of turn.splice(0)) flush();
    },
    finish: () => open.shift()?.(),
  };
}

describe("GroupCommitter", () => {
  test("closes a group at the end of the turn and gathers the next while it commits", () => {
    const { put, sizes, endTurn, finish, outcomes } = setUp();
    put(1);
    put(2);
    expect(sizes).toEqual([]);
    endTurn();
    put(3);
    put(4);
    put(5);
    expect(sizes).toEqual([2]);
    finish();
    expect(sizes).toEqual([2, 3]);
    finish();
    expect(outcomes).toEqual([2, 4, 6, 8, 10].map((value) => ({ ok: true, value })));
  });

  test.for([
    [{ maxCommands: 2 }, 1, [2, 2, 1]],
    [{ maxBytes: 10 }, 6, [1, 1, 1, 1, 1]],
    [{ maxBytes: 12 }, 6, [2, 2, 1]],
  ] as const)("caps a group by %j", ([options, sizeBytes, expected]) => {
    const { put, sizes, endTurn, finish } = setUp(options);
    for (let x = 1; x <= 5; x++) put(x, sizeBytes);
    endTurn();
    for (let i = 0; i < 5; i++) finish();
    expect(sizes).toEqual(expected);
  });

  test("undoes a bad command alone", () => {
    const { raw, put, endTurn, finish, outcomes } = setUp();
    for (const x of [1, -1, 1, 2]) put(x);
    endTurn();
    finish();
    expect(outcomes.map((one) => one.ok)).toEqual([true, false, false, true]);
    expect(raw.prepare("select x from t order by x").all()).toEqual([{ x: 1 }, { x: 2 }]);
  });

  test("loses the whole group when the disk is full, and everything after it", () => {
    const { raw, committer, put, endTurn, finish, outcomes } = setUp();
    const failures: string[] = [];
    committer.onFailure(({ reason }) => failures.push(reason));
    raw.exec("pragma max_page_count = 10");
    for (let x = 1; x <= 3_000; x++) put(x);
    endTurn();
    for (let i = 0; i < 20; i++) finish();
    put(5_000);
    expect(failures).toEqual(["DISK_FULL"]);
    expect(outcomes).toHaveLength(3_001);
    const kept = outcomes.filter((one) => one.ok).length;
    expect(raw.prepare("select count(*) as n from t").get()).toEqual({ n: kept });
    expect(outcomes.at(-1)).toMatchObject({ ok: false, failure: { reason: "DISK_FULL" } });
  });

  test("refuses a command that is not in the table", () => {
    const { committer, endTurn, finish } = setUp();
    let outcome: CommandOutcome | undefined;
    committer.add({ name: "nonsense", params: 1 }, 1, (one) => {
      outcome = one;
    });
    endTurn();
    finish();
    expect(outcome).toMatchObject({ ok: false, failure: { reason: "INTERNAL" } });
  });
});
