import { type ExecutionRow, PHASE, STATE } from "./execution-row.ts";
import { deliver, dropTimer, isLeased } from "./inbox.ts";
import { type StoredValue, storeValue } from "./stored-value.ts";
import { smallValue, type Turn } from "./turn.ts";

/** How an execution ends. Values are JSON texts: the output, or the failure and its line in the event log. */
export type Ending =
  | { readonly phase: "completed"; readonly output: StoredValue }
  | { readonly phase: "faulted"; readonly error: StoredValue; readonly line: StoredValue }
  | { readonly phase: "cancelled"; readonly reason?: string };

/**
 * Ends an execution: its timers and subscriptions go, children that it waits for are cancelled, its parent hears of it,
 * all in this transaction.
 */
export function end(turn: Turn, row: ExecutionRow, ending: Ending): void {
  if (row.state === STATE.final) return;
  dropTimer(turn, row);
  row.state = STATE.final;
  row.phase = PHASE[ending.phase];
  row.ended_at = turn.nowMs;
  turn.db.run("delete from subscription where execution = ?", row.no);
  recordEnding(turn, row, ending);
  turn.ended.push({ no: row.no, id: row.id });
  cancelChildren(turn, row);
  tellParent(turn, row, ending);
}

function recordEnding(turn: Turn, row: ExecutionRow, ending: Ending): void {
  switch (ending.phase) {
    case "completed": {
      const [text, blob] = storeValue(turn.db, row.no, ending.output, turn.nowMs);
      turn.db.run("update execution set output = ?, output_blob = ? where no = ?", text, blob, row.no);
      return turn.event(row, "execution.completed", smallValue({}));
    }
    case "faulted": {
      const [text, blob] = storeValue(turn.db, row.no, ending.error, turn.nowMs);
      turn.db.run("update execution set error = ?, error_blob = ? where no = ?", text, blob, row.no);
      return turn.event(row, "execution.faulted", ending.line);
    }
    case "cancelled":
      return turn.event(row, "execution.cancelled", { text: cancelWords(turn, row, ending) });
  }
}

/** A reason that came with the order to cancel stands in the log too when a runner, or the last child, ends it later. */
function cancelWords(turn: Turn, row: ExecutionRow, { reason }: { readonly reason?: string }): string {
  if (reason) return JSON.stringify({ reason });
  const order = "select data from inbox where execution = ? and kind = 'cancel' order by n limit 1";
  return turn.db.get<{ data: string | null }>(order, row.no)?.data ?? "{}";
}

function tellParent(turn: Turn, row: ExecutionRow, ending: Ending): void {
  if (row.parent === null || row.awaited === 0) return;
  const parent = turn.row(row.parent);
  if (!parent) return;
  deliver(turn, parent, { kind: "child", data: outcomeOf(row, ending), dedupe: `child ${row.parent_key}` });
  settleCancel(turn, parent);
}

/** `{key, outcome}` as the parent reads it; a large value stays behind its digest (`outcomeBlob`) and is put in when a lease reads it. */
function outcomeOf(row: ExecutionRow, ending: Ending): StoredValue {
  const key = JSON.stringify(row.parent_key);
  if (ending.phase === "cancelled") return { text: `{"key":${key},"outcome":{"cancelled":true}}` };
  const value = ending.phase === "completed" ? ending.output : ending.error;
  const member = ending.phase === "completed" ? "ok" : "failure";
  if ("text" in value) return { text: `{"key":${key},"outcome":{"${member}":${value.text}}}`, refs: value.refs ?? [] };
  return {
    text: `{"outcomeBlob":{"member":"${member}","digest":"${value.digest}"},"key":${key}}`,
    refs: [value.digest, ...(value.refs ?? [])],
  };
}

/** Passes a cancellation down to the children that are waited for. */
export function cancelChildren(turn: Turn, row: ExecutionRow, options: CancelOptions = {}): void {
  for (const no of openChildren(turn, row)) {
    const child = turn.row(no);
    if (child) cancel(turn, child, options);
  }
}

function openChildren(turn: Turn, row: ExecutionRow): readonly number[] {
  return turn.db
    .all<{ no: number }>("select no from execution where parent = ? and awaited = 1 order by no", row.no)
    .map((child) => child.no)
    .filter((no) => turn.row(no)?.state !== STATE.final);
}

/** How to cancel. */
export interface CancelOptions {
  readonly reason?: string;
  /** Ends at once, whoever holds it. */
  readonly force?: "force";
}

/** Cancels an execution; what a runner holds is left to the runner. */
export function cancel(turn: Turn, row: ExecutionRow, options: CancelOptions): "cancelled" | "unchanged" {
  if (row.state === STATE.final || (row.cancelling === 1 && !options.force)) return "unchanged";
  const wasLeased = isLeased(row);
  if (row.cancelling === 0) {
    row.cancelling = 1;
    deliver(turn, row, { kind: "cancel", data: smallValue(options.reason ? { reason: options.reason } : {}) });
  }
  cancelChildren(turn, row, options);
  if (options.force) end(turn, row, { phase: "cancelled", ...(options.reason ? { reason: options.reason } : {}) });
  else if (!wasLeased) settleCancel(turn, row);
  return "cancelled";
}

/** Ends a cancelled execution that no runner holds, once the children it waits for have ended. */
export function settleCancel(turn: Turn, row: ExecutionRow): void {
  if (row.cancelling === 0 || row.state === STATE.final || isLeased(row)) return;
  if (openChildren(turn, row).length === 0) return end(turn, row, { phase: "cancelled" });
  dropTimer(turn, row);
  row.state = STATE.parked;
  row.phase = PHASE.waiting;
}
