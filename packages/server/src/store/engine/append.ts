import type { WriteConnection } from "../write-connection.ts";
import { type ExecutionRow, STATE } from "./execution-row.ts";
import { cancel, type Ending, end } from "./finish.ts";
import { deliver } from "./inbox.ts";
import { type PublishedEvent, publish } from "./publish.ts";
import { type NewExecution, startChild } from "./start.ts";
import { type StoredValue, storeValue } from "./stored-value.ts";
import { runTurn, type Slot, type Turn, type WithConsequences } from "./turn.ts";

/** What an entry makes the server do in the same transaction. */
export type EntryAct =
  | { readonly kind: "startChild"; readonly child: NewExecution; readonly mode: "wait" | "detach" }
  /** There is no such child to start: `data` is the inbox item that says so. */
  | { readonly kind: "refuseChild"; readonly data: StoredValue }
  | { readonly kind: "cancelChild" }
  | { readonly kind: "publish"; readonly event: PublishedEvent; readonly line: StoredValue }
  | { readonly kind: "seen"; readonly n: number }
  | { readonly kind: "snapshot"; readonly inboxSeen: number }
  | { readonly kind: "end"; readonly ending: Ending };

/** A line of the event log, reported by the program. */
export interface ReportedLine {
  readonly index: number;
  readonly atMs: number;
  readonly type: string;
  readonly data: StoredValue;
}

/** A journal entry, already taken apart. */
export interface AppendedEntry {
  readonly seq: number;
  readonly atMs: number;
  readonly kind: string;
  readonly key: string;
  readonly body: StoredValue;
  readonly act?: EntryAct;
  readonly events: readonly ReportedLine[];
}

/** Parameters of `appendEntries`: what one frame says of one execution. */
export interface AppendEntriesParams {
  readonly nowMs: number;
  readonly no: number;
  readonly epoch: number;
  readonly entries: readonly AppendedEntry[];
  /** Lines that no entry followed. */
  readonly events: readonly ReportedLine[];
  readonly slots?: readonly Slot[];
}

/** `refused`: the lease is an old one, or an entry does not follow the last one. */
export interface AppendEntriesResult {
  readonly kind: "appended" | "refused";
}

/** Appends entries with everything that they cause. */
export function appendEntries(db: WriteConnection, params: AppendEntriesParams): WithConsequences<AppendEntriesResult> {
  return runTurn<AppendEntriesResult>(db, params.nowMs, params.slots, (turn) => {
    const row = turn.row(params.no);
    if (!row || row.epoch !== params.epoch || row.state !== STATE.ready) return { kind: "refused" };
    if (params.entries.some((entry, i) => entry.seq !== row.last_seq + 1 + i)) return { kind: "refused" };
    for (const entry of params.entries) append(turn, row, entry);
    writeLines(turn, row, params.events);
    return { kind: "appended" };
  });
}

function append(turn: Turn, row: ExecutionRow, entry: AppendedEntry): void {
  const [body, blob] = storeValue(turn.db, row.no, entry.body, turn.nowMs);
  turn.db.run(
    "insert into journal(execution, seq, at, kind, key, body, blob) values (?,?,?,?,?,?,?)",
    row.no,
    entry.seq,
    entry.atMs,
    entry.kind,
    entry.key,
    body,
    blob,
  );
  row.last_seq = entry.seq;
  row.deaths = 0;
  writeLines(turn, row, entry.events);
  if (entry.act) act(turn, row, entry, entry.act);
}

/** Lines that the log already has are left out: a replay reports them again. */
function writeLines(turn: Turn, row: ExecutionRow, lines: readonly ReportedLine[]): void {
  for (const line of lines) {
    if (line.index <= row.reported) continue;
    row.reported = line.index;
    turn.event(row, line.type, line.data, line.atMs);
  }
}

function act(turn: Turn, row: ExecutionRow, entry: AppendedEntry, what: EntryAct): void {
  switch (what.kind) {
    case "startChild":
      return startChild(turn, what.child, { parent: row.no, key: entry.key, mode: what.mode });
    case "refuseChild":
      return void deliver(turn, row, { kind: "child", data: what.data, dedupe: `child ${entry.key}` });
    case "cancelChild":
      return cancelChild(turn, row, entry.key);
    case "publish":
      publish(turn, what.event);
      return turn.event(row, "event.emitted", what.line);
    case "seen":
      row.inbox_seen = Math.max(row.inbox_seen, what.n);
      return;
    case "snapshot":
      row.inbox_seen = Math.max(row.inbox_seen, what.inboxSeen);
      turn.db.run("delete from journal where execution = ? and seq < ?", row.no, entry.seq);
      dropOldItems(turn, row);
      return;
    case "end":
      // An acknowledged cancel wins, even over a last result that came meanwhile.
      return end(turn, row, row.cancelling === 1 ? { phase: "cancelled" } : what.ending);
  }
}

/** Items that the snapshot carries go once no repeated event can come: published events are kept for a day. */
function dropOldItems(turn: Turn, row: ExecutionRow): void {
  turn.db.run(
    "delete from inbox where execution = ? and n <= ? and at < ?",
    row.no,
    row.inbox_seen,
    turn.nowMs - DAY_MS,
  );
}

const DAY_MS = 86_400_000;

function cancelChild(turn: Turn, row: ExecutionRow, key: string): void {
  const found = turn.db.get<{ no: number }>(
    "select no from execution where parent = ? and parent_key = ?",
    row.no,
    key,
  );
  const child = found && turn.row(found.no);
  if (child) cancel(turn, child, {});
}
