import type { MemoryDatabase } from "@stigmer/server";
import { type Model, type SeenExecution, Violation } from "./model.ts";

/** What the world knows at its end. */
export interface EndOfWorld {
  readonly model: Model;
  readonly database: MemoryDatabase;
  /** Ids of acknowledged starts by their keys. */
  readonly wanted: ReadonlyMap<string, string>;
  /** Ids of acknowledged cancels. */
  readonly cancelled: ReadonlySet<string>;
  readonly end: "done" | "late" | "still";
}

const CANCELLED = 8;

/** Compares the disk with the model at the end of a world. */
export function assertEnd(world: EndOfWorld): void {
  const { model, database, wanted, cancelled, end } = world;
  for (const id of wanted.values())
    if (!model.executions.has(id)) throw new Violation(`the acknowledged ${id} is not on disk`);
  for (const [id, seen] of model.executions) {
    if (seen.finalGroup === undefined) throw new Violation(`${id} never ended (${end})`);
    assertExecution(database, id, seen);
  }
  if (end !== "done") throw new Violation(`the world did not come to rest: ${end}`);
  const count = database.read.prepare("select count(*) as n from execution").get();
  if (Number(count?.n) !== model.executions.size)
    throw new Violation(`${String(count?.n)} executions are on disk, not ${model.executions.size}`);
  const roots = database.read.prepare("select count(*) as n from execution where parent is null").get();
  if (Number(roots?.n) !== wanted.size)
    throw new Violation(`${String(roots?.n)} executions were started for ${wanted.size} keys`);
  for (const id of cancelled) {
    const row = database.read.prepare("select phase from execution where id = ?").get(id);
    if (row?.phase !== CANCELLED) throw new Violation(`${id} was cancelled, but its phase is ${String(row?.phase)}`);
  }
}

function assertExecution({ read }: MemoryDatabase, id: string, seen: SeenExecution): void {
  const row = read.prepare("select no, state, last_event from execution where id = ?").get(id);
  const no = Number(row?.no);
  if (row?.state !== 3) throw new Violation(`${id} ended, but its row says ${String(row?.state)}`);
  const finals = read
    .prepare(
      "select count(*) as n from event where execution = ? and type in ('execution.completed','execution.faulted','execution.cancelled')",
    )
    .get(no);
  if (finals?.n !== 1) throw new Violation(`${id} has ${String(finals?.n)} final events`);
  const events = read.prepare("select count(*) as n, max(seq) as last from event where execution = ?").get(no);
  if (events?.n !== events?.last || events?.last !== row.last_event)
    throw new Violation(`the event log of ${id} has a gap`);
  const lines = read
    .prepare(
      "select count(*) as n, count(distinct data) as different from event where execution = ? and type = 'task.started'",
    )
    .get(no);
  if (lines?.n !== lines?.different) throw new Violation(`${id} has a line twice in its event log`);
  const mismatch = read
    .prepare(
      "select data from event where execution = ? and type = 'execution.suspended' and data like '%JOURNAL_MISMATCH%'",
    )
    .get(no);
  if (mismatch) throw new Violation(`the journal of ${id} does not fit its program: ${String(mismatch.data)}`);
  assertInbox(read, id, no, seen);
  assertChildren(read, id, no, seen);
}

function assertInbox(read: MemoryDatabase["read"], id: string, no: number, seen: SeenExecution): void {
  const got = read
    .prepare("select dedupe, data from inbox where execution = ? and kind = 'event' order by n")
    .all(no)
    .map((item) => String(item.dedupe ?? item.data));
  if (new Set(got).size !== got.length) throw new Violation(`${id} got an event twice`);
  const due = [...seen.events]
    .filter(([name, group]) => got.includes(name) || group !== seen.finalGroup)
    .map(([name]) => name);
  if (JSON.stringify(got) !== JSON.stringify(due))
    throw new Violation(`${id} got events ${got.join()}, not ${due.join()}`);
}

function assertChildren(read: MemoryDatabase["read"], id: string, no: number, seen: SeenExecution): void {
  const rows = read.prepare("select id, parent_key from execution where parent = ?").all(no);
  if (rows.length !== seen.children.size)
    throw new Violation(`${id} has ${rows.length} children, not ${seen.children.size}`);
  for (const child of rows) {
    if (seen.children.get(String(child.parent_key)) !== child.id)
      throw new Violation(`${id} has a child that it did not start`);
  }
}
