import { findAnswer, type IdempotencyKey, keepAnswer } from "../idempotency.ts";
import type { WriteConnection } from "../write-connection.ts";
import { type ExecutionRow, PHASE, STATE } from "./execution-row.ts";
import { cancel } from "./finish.ts";
import { deliver, isLeased, wake } from "./inbox.ts";
import type { StoredValue } from "./stored-value.ts";
import { readyOf, runTurn, type Slot, smallValue, type Turn, type WithConsequences } from "./turn.ts";

/** What became of a wish: done, nothing to change, or no such execution. */
export type ControlOutcome = "done" | "unchanged" | "final" | "missing" | "reused";

/** A result with its outcome. */
export interface ControlResult {
  readonly outcome: ControlOutcome;
}

/** What all wishes name. */
export interface ControlParams {
  readonly nowMs: number;
  readonly id: string;
  readonly idempotency?: IdempotencyKey;
  readonly slots?: readonly Slot[];
}

/** Parameters of `cancelExecution`. */
export interface CancelExecutionParams extends ControlParams {
  readonly reason?: string;
  readonly force?: "force";
}

/** Cancels an execution; a second time changes nothing, except that `force` ends what is still ending. */
export function cancelExecution(db: WriteConnection, params: CancelExecutionParams): WithConsequences<ControlResult> {
  return control(db, params, (turn, row) => {
    const { reason, force } = params;
    const outcome = cancel(turn, row, { ...(reason ? { reason } : {}), ...(force ? { force } : {}) });
    return outcome === "cancelled" ? "done" : "unchanged";
  });
}

/** Pauses an execution: what runs finishes, nothing new begins. */
export function pauseExecution(db: WriteConnection, params: ControlParams): WithConsequences<ControlResult> {
  return control(db, params, (turn, row) => {
    if (row.paused === 1 || row.cancelling === 1) return "unchanged";
    row.paused = 1;
    deliver(turn, row, { kind: "pause", data: { text: "{}" } });
    turn.event(row, "execution.paused", smallValue({}));
    if (row.state === STATE.held) return "done";
    row.phase = PHASE.paused;
    if (row.state === STATE.ready && !isLeased(row)) row.state = STATE.parked;
    return "done";
  });
}

/** Lets a paused or suspended execution go on. */
export function resumeExecution(db: WriteConnection, params: ControlParams): WithConsequences<ControlResult> {
  return control(db, params, (turn, row) => {
    if (row.cancelling === 1 || (row.paused === 0 && row.state !== STATE.held)) return "unchanged";
    turn.event(row, "execution.resumed", smallValue({}));
    if (row.paused === 1) unpause(turn, row);
    if (row.state === STATE.held) unhold(turn, row);
    return "done";
  });
}

function unpause(turn: Turn, row: ExecutionRow): void {
  row.paused = 0;
  if (row.state === STATE.parked) wake(turn, row);
  else if (row.state === STATE.ready) row.phase = PHASE.running;
  deliver(turn, row, { kind: "resume", data: { text: "{}" } });
}

function unhold(turn: Turn, row: ExecutionRow): void {
  row.state = STATE.ready;
  row.phase = row.started_at === null ? PHASE.pending : PHASE.running;
  row.reason = "";
  row.message = "";
  row.deaths = 0;
  turn.ready.push(readyOf(row));
}

/** Parameters of `deliverItem`. */
export interface DeliverItemParams extends ControlParams {
  readonly kind: "event" | "message" | "decision";
  readonly data: StoredValue;
  readonly dedupe?: string;
}

/** Puts one item into one inbox. */
export function deliverItem(db: WriteConnection, params: DeliverItemParams): WithConsequences<ControlResult> {
  const { kind, data, dedupe } = params;
  return control(db, params, (turn, row) =>
    deliver(turn, row, { kind, data, ...(dedupe === undefined ? {} : { dedupe }) }) ? "done" : "unchanged",
  );
}

type Wish = (turn: Turn, row: ExecutionRow) => ControlOutcome;

function control(db: WriteConnection, params: ControlParams, wish: Wish): WithConsequences<ControlResult> {
  return runTurn<ControlResult>(db, params.nowMs, params.slots, (turn) => {
    const { idempotency: key } = params;
    const known = key ? findAnswer(db, key) : undefined;
    if (known?.kind === "reused") return { outcome: "reused" };
    const row = turn.rowById(params.id);
    if (!row) return { outcome: "missing" };
    if (known?.kind === "repeated") return { outcome: "unchanged" };
    const outcome = row.state === STATE.final ? "final" : wish(turn, row);
    if (key) keepAnswer(db, { key, answer: outcome, execution: row.no, nowMs: params.nowMs });
    return { outcome };
  });
}
