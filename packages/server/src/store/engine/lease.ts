import type { WriteConnection } from "../write-connection.ts";
import { type ExecutionRow, PHASE, STATE } from "./execution-row.ts";
import { settleCancel } from "./finish.ts";
import { grant, wake } from "./inbox.ts";
import { readyOf, runTurn, type Slot, smallValue, type Turn, type WithConsequences } from "./turn.ts";

/** Parameters of `leaseExecution`. */
export interface LeaseExecutionParams {
  readonly nowMs: number;
  readonly no: number;
  readonly instance: string;
}

/** Leases a queued execution; refused when it ended or was taken out of the queue meanwhile. */
export function leaseExecution(
  db: WriteConnection,
  params: LeaseExecutionParams,
): WithConsequences<{ readonly leased: boolean }> {
  return runTurn(db, params.nowMs, undefined, (turn) => {
    const row = turn.row(params.no);
    if (row?.state !== STATE.ready || row.instance !== "") return { leased: false };
    grant(turn, row, params.instance);
    return { leased: true };
  });
}

/** Why a lease ends without an end of its execution. */
export type FreeCause =
  | { readonly kind: "returned" }
  /** The runner died or used up its budget; `reason` names which, for the suspension after too many. */
  | {
      readonly kind: "death";
      readonly reason: string;
      readonly message: string;
      /** Whether the runner carried others too: then any of them may be to blame, or none. */
      readonly company: "alone" | "shared";
    }
  | { readonly kind: "suspend"; readonly reason: string; readonly message: string };

/** Parameters of `freeLease`. */
export interface FreeLeaseParams {
  readonly nowMs: number;
  readonly no: number;
  readonly epoch: number;
  readonly cause: FreeCause;
  /** Deaths without progress after which the execution is suspended. */
  readonly maxDeaths: number;
}

/** Takes a lease back: into the queue, suspended, or ended if it was being cancelled. */
export function freeLease(db: WriteConnection, params: FreeLeaseParams): WithConsequences<{ readonly freed: boolean }> {
  return runTurn(db, params.nowMs, undefined, (turn) => {
    const row = turn.row(params.no);
    if (row?.state !== STATE.ready || row.epoch !== params.epoch || row.instance === "") return { freed: false };
    row.instance = "";
    if (row.cancelling === 1) settleCancel(turn, row);
    else requeue(turn, row, params);
    return { freed: true };
  });
}

/**
 * A runner that dies with one execution accuses it; one that dies with fifty accuses each of them little. The column
 * `deaths` counts in these units.
 */
const DEATH_WEIGHT = { alone: 4, shared: 1 } as const;

/** How many deaths of a runner that carried nothing else weigh as much, rounded up. */
export function countDeaths(weight: number): number {
  return Math.ceil(weight / DEATH_WEIGHT.alone);
}

function requeue(turn: Turn, row: ExecutionRow, { cause, maxDeaths }: FreeLeaseParams): void {
  if (cause.kind === "suspend") return suspend(turn, row, cause);
  if (cause.kind === "death") {
    row.deaths += DEATH_WEIGHT[cause.company];
    if (row.deaths >= maxDeaths * DEATH_WEIGHT.alone) return suspend(turn, row, cause);
  }
  turn.ready.push(readyOf(row));
}

function suspend(
  turn: Turn,
  row: ExecutionRow,
  { reason, message }: { readonly reason: string; readonly message: string },
): void {
  row.state = STATE.held;
  row.phase = PHASE.suspended;
  row.reason = reason;
  row.message = message;
  turn.event(row, "execution.suspended", smallValue({ reason, message }));
}

/** Parameters of `parkExecution`. */
export interface ParkExecutionParams {
  readonly nowMs: number;
  readonly no: number;
  readonly epoch: number;
  readonly lastSeq: number;
  /** 0 means no timer. */
  readonly dueAtMs: number;
  readonly inboxSeen: number;
}

/**
 * `again`: something came meanwhile, so the lease goes out anew; `kept`: its timer is due already, so the runner fires it
 * instead of parking; `refused`: the lease is an old one.
 */
export type ParkExecutionResult = { readonly kind: "parked" | "again" | "kept" | "refused" };

/** Parks an execution that only waits. */
export function parkExecution(db: WriteConnection, params: ParkExecutionParams): WithConsequences<ParkExecutionResult> {
  return runTurn<ParkExecutionResult>(db, params.nowMs, undefined, (turn) => {
    const row = turn.row(params.no);
    if (!row || row.epoch !== params.epoch || row.state !== STATE.ready || row.last_seq !== params.lastSeq)
      return { kind: "refused" };
    row.inbox_seen = Math.max(row.inbox_seen, params.inboxSeen);
    const isFree = row.cancelling === 0 && row.paused === 0;
    if (isFree && row.inbox_last > params.inboxSeen) {
      grant(turn, row, row.instance);
      return { kind: "again" };
    }
    if (isFree && params.dueAtMs > 0 && params.dueAtMs <= params.nowMs) return { kind: "kept" };
    row.instance = "";
    row.state = STATE.parked;
    row.phase = row.paused === 1 ? PHASE.paused : PHASE.waiting;
    if (row.cancelling === 1) settleCancel(turn, row);
    else if (params.dueAtMs > 0 && row.paused === 0) setTimer(turn, row, params.dueAtMs);
    return { kind: "parked" };
  });
}

function setTimer(turn: Turn, row: ExecutionRow, dueAtMs: number): void {
  row.due_at = dueAtMs;
  turn.db.run("insert into timer(due_at, execution) values (?,?)", dueAtMs, row.no);
  turn.due(dueAtMs);
}

/** Parameters of `fireTimer`. */
export interface FireTimerParams {
  readonly nowMs: number;
  readonly no: number;
  readonly dueAtMs: number;
  readonly slots?: readonly Slot[];
}

/** Wakes an execution whose timer is due, if it still waits for that one. */
export function fireTimer(db: WriteConnection, params: FireTimerParams): WithConsequences<{ readonly fired: boolean }> {
  return runTurn(db, params.nowMs, params.slots, (turn) => {
    const row = turn.row(params.no);
    if (row?.state !== STATE.parked || row.due_at !== params.dueAtMs || params.nowMs < params.dueAtMs)
      return { fired: false };
    wake(turn, row);
    return { fired: true };
  });
}
