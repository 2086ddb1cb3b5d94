import { type NewExecution, type StartExecutionResult, startOnce } from "./engine/start.ts";
import { runTurn, type Slot, type WithConsequences } from "./engine/turn.ts";
import type { WriteConnection } from "./write-connection.ts";

/** When a workflow starts by itself, as it is stored. */
export interface StoredSchedule {
  /** JSON text of the document's `schedule`; the same text keeps what is planned already. */
  readonly spec: string;
  /** Epoch ms; null when only events, or the end of a run, start the next one. */
  readonly nextDueAtMs: number | null;
  /** How long after the end of a run the next one starts; null when it does not. */
  readonly afterMs: number | null;
  /** Whether events start runs. */
  readonly listens: boolean;
}

/** Writes, keeps or removes the schedule of a workflow, inside the command that writes its revision. */
export function putSchedule(db: WriteConnection, resource: number, schedule: StoredSchedule | undefined): void {
  if (schedule === undefined) {
    db.run("delete from schedule where resource = ?", resource);
    return;
  }
  db.run(
    `insert into schedule(resource, spec, next_due_at, after_ms, listens) values (?,?,?,?,?)
     on conflict(resource) do update set spec = excluded.spec, next_due_at = excluded.next_due_at,
       after_ms = excluded.after_ms, listens = excluded.listens, listener = ''
     where spec <> excluded.spec`,
    resource,
    schedule.spec,
    schedule.nextDueAtMs,
    schedule.afterMs,
    schedule.listens ? 1 : 0,
  );
}

/** Which start a schedule owes: the run of a moment, or the execution that waits for its events. */
export type ScheduleClaim =
  | { readonly kind: "due"; readonly dueAtMs: number; readonly nextDueAtMs: number | null }
  | { readonly kind: "listener"; readonly spec: string };

/** Parameters of `startScheduled`. */
export interface StartScheduledParams {
  readonly nowMs: number;
  readonly resource: number;
  readonly claim: ScheduleClaim;
  readonly execution: NewExecution;
  readonly slots?: readonly Slot[];
}

/** `gone`: the schedule changed meanwhile, or somebody started it already. */
export type StartScheduledResult = StartExecutionResult | { readonly kind: "gone" };

/** Starts what a schedule owes, once, and plans what comes next in the same transaction. */
export function startScheduled(
  db: WriteConnection,
  params: StartScheduledParams,
): WithConsequences<StartScheduledResult> {
  return runTurn<StartScheduledResult>(db, params.nowMs, params.slots, (turn) => {
    const { resource, claim, execution } = params;
    if (!owes(db, resource, claim)) return { kind: "gone" };
    const at = claim.kind === "due" ? claim.dueAtMs : execution.id;
    const key = { namespace: execution.namespace, method: "Schedule", key: `${resource}/${at}`, digest: "" };
    const result = startOnce(turn, execution, key);
    if (result.kind !== "reused") note(db, resource, claim, result.id);
    return result;
  });
}

function owes(db: WriteConnection, resource: number, claim: ScheduleClaim): boolean {
  const row =
    claim.kind === "due"
      ? db.get("select 1 from schedule where resource = ? and next_due_at = ?", resource, claim.dueAtMs)
      : db.get(
          "select 1 from schedule where resource = ? and listens = 1 and listener = '' and spec = ?",
          resource,
          claim.spec,
        );
  return row !== undefined;
}

function note(db: WriteConnection, resource: number, claim: ScheduleClaim, id: string): void {
  if (claim.kind === "listener") {
    db.run("update schedule set listener = ? where resource = ?", id, resource);
    return;
  }
  db.run(
    "update schedule set next_due_at = ?, last_due_at = ?, last_execution = ?, last_error = '' where resource = ?",
    claim.nextDueAtMs,
    claim.dueAtMs,
    id,
    resource,
  );
}

/** Parameters of `skipScheduled`. */
export interface SkipScheduledParams {
  readonly resource: number;
  readonly dueAtMs: number;
  readonly nextDueAtMs: number | null;
  /** Why the run could not be started. */
  readonly error: string;
}

/** Gives up the run of a moment that cannot be started, and says why. */
function skipScheduled(db: WriteConnection, params: SkipScheduledParams): void {
  db.run(
    "update schedule set next_due_at = ?, last_due_at = ?, last_error = ? where resource = ? and next_due_at = ?",
    params.nextDueAtMs,
    params.dueAtMs,
    params.error,
    params.resource,
    params.dueAtMs,
  );
}

/** Says why a schedule cannot listen. */
function blameSchedule(db: WriteConnection, params: { readonly resource: number; readonly error: string }): void {
  db.run("update schedule set last_error = ? where resource = ?", params.error, params.resource);
}

/** Forgets a listener that is cancelled. */
function forgetOrphan(db: WriteConnection, params: { readonly execution: string }): void {
  db.run("delete from schedule_orphan where execution = ?", params.execution);
}

/** Lets go of a listener that ended by itself, so that another one takes its place. */
function forgetListener(db: WriteConnection, params: { readonly execution: string }): void {
  db.run("update schedule set listener = '' where listener = ?", params.execution);
}

/** Writes of schedules. */
export const scheduleCommands = { startScheduled, skipScheduled, blameSchedule, forgetOrphan, forgetListener };
