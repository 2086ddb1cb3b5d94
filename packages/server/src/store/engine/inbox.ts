import { type ExecutionRow, PHASE, STATE } from "./execution-row.ts";
import { type StoredValue, storeValue } from "./stored-value.ts";
import { readyOf, smallValue, type Turn } from "./turn.ts";

/** Kinds of inbox items. The last three and `child` are the host's, the others the program's. */
export type InboxKind = "event" | "message" | "decision" | "child" | "cancel" | "pause" | "resume";

/** An item on its way into an inbox. */
export interface NewItem {
  readonly kind: InboxKind;
  readonly data: StoredValue;
  /** An item with a key that the inbox has had is not taken again. */
  readonly dedupe?: string;
}

/** Most items from outside that wait unseen in one inbox. */
export const INBOX_LIMIT = 10_000;

/**
 * Puts an item into an inbox: wakes a parked execution, or goes on to the runner that holds it.
 *
 * @returns whether the item was taken: not by a finished execution, not twice, not above the limit
 */
export function deliver(turn: Turn, row: ExecutionRow, item: NewItem): boolean {
  if (row.state === STATE.final) return false;
  if (item.dedupe !== undefined && wasTaken(turn, row.no, item.dedupe)) return false;
  if (item.kind === "event" && isFull(turn, row)) return false;
  row.inbox_last++;
  const [data, blob] = storeValue(turn.db, row.no, item.data, turn.nowMs);
  turn.db.run(
    "insert into inbox(execution, n, at, kind, data, blob, dedupe) values (?,?,?,?,?,?,?)",
    row.no,
    row.inbox_last,
    turn.nowMs,
    item.kind,
    data,
    blob,
    item.dedupe ?? null,
  );
  if (isLeased(row))
    turn.delivered.push({ no: row.no, n: row.inbox_last, kind: item.kind, at: turn.nowMs, data, blob });
  if (row.state === STATE.parked && isWoken(row)) wake(turn, row);
  return true;
}

/** Whether a runner holds it, or held it when it was last heard of. */
export function isLeased(row: ExecutionRow): boolean {
  return row.state === STATE.ready && row.instance !== "";
}

/** Paused executions wake by `resume` only; cancelled ones are ended by the server. */
function isWoken(row: ExecutionRow): boolean {
  return row.paused === 0 && row.cancelling === 0;
}

function wasTaken(turn: Turn, no: number, dedupe: string): boolean {
  return turn.db.get("select 1 from inbox where execution = ? and dedupe = ?", no, dedupe) !== undefined;
}

function isFull(turn: Turn, row: ExecutionRow): boolean {
  const unseen = row.inbox_last - row.inbox_seen;
  if (unseen < INBOX_LIMIT) return false;
  if (unseen === INBOX_LIMIT) turn.event(row, "inbox.full", smallValue({ limit: INBOX_LIMIT }));
  return true;
}

/** Takes an execution out of its wait, straight to a runner when the command brought room. */
export function wake(turn: Turn, row: ExecutionRow): void {
  dropTimer(turn, row);
  row.state = STATE.ready;
  row.phase = row.started_at === null ? PHASE.pending : PHASE.running;
  row.instance = "";
  const slot = row.deaths === 0 ? turn.takeSlot(row.program) : undefined;
  if (slot) grant(turn, row, slot.instance);
  else turn.ready.push(readyOf(row));
}

/** Leases an execution to a runner under a new epoch. */
export function grant(turn: Turn, row: ExecutionRow, instance: string): void {
  row.epoch++;
  row.instance = instance;
  row.phase = row.paused === 1 ? PHASE.paused : PHASE.running;
  if (row.started_at === null) {
    row.started_at = turn.nowMs;
    turn.event(row, "execution.started", smallValue({}));
  }
  turn.granted.push({ ...readyOf(row), instance });
}

/** Removes the timer of a parked execution. */
export function dropTimer(turn: Turn, row: ExecutionRow): void {
  if (row.due_at === null) return;
  turn.db.run("delete from timer where due_at = ? and execution = ?", row.due_at, row.no);
  row.due_at = null;
}
