import type { SqlValue, WriteConnection } from "../write-connection.ts";

/** What the engine may do with an execution. `ready`: queued, or leased when `instance` is set; `held`: suspended. */
export const STATE = { ready: 0, parked: 1, held: 2, final: 3 } as const;

/** Phases by the numbers of the API's `Phase`. */
export const PHASE = {
  pending: 1,
  running: 2,
  waiting: 3,
  paused: 4,
  suspended: 5,
  completed: 6,
  faulted: 7,
  cancelled: 8,
} as const;

/** The part of an execution that commands change. Flags are 0 and 1. */
export interface ExecutionRow {
  readonly no: number;
  readonly id: string;
  readonly program: string;
  readonly namespace: string;
  readonly kind: string;
  readonly name: string;
  readonly environment: string;
  readonly depth: number;
  readonly parent: number | null;
  readonly parent_key: string;
  readonly awaited: number;
  state: number;
  phase: number;
  reason: string;
  message: string;
  epoch: number;
  instance: string;
  deaths: number;
  last_seq: number;
  last_event: number;
  reported: number;
  inbox_last: number;
  inbox_seen: number;
  cancelling: number;
  paused: number;
  due_at: number | null;
  started_at: number | null;
  ended_at: number | null;
}

/** Columns of an `ExecutionRow`, for a select. */
export const ROW_COLUMNS =
  "no, id, program, namespace, kind, name, environment, depth, parent, parent_key, awaited, state, phase, reason, message, epoch, instance, deaths, last_seq, last_event, reported, inbox_last, inbox_seen, cancelling, paused, due_at, started_at, ended_at";

/** The row of a number. */
export function rowByNo(db: WriteConnection, no: number): ExecutionRow | undefined {
  return db.get<ExecutionRow>(`select ${ROW_COLUMNS} from execution where no = ?`, no);
}

/** The number of a public id. */
export function noById(db: WriteConnection, id: string): number | undefined {
  return db.get<{ no: number }>("select no from execution where id = ?", id)?.no;
}

/**
 * Writes back what a command changed since the row was read. SQLite writes every index of a column that a statement
 * names, whether its value differs or not, so a step names only the counters.
 */
export function saveRow(db: WriteConnection, row: ExecutionRow, before: Readonly<ExecutionRow>): void {
  const changed = (column: Changing): boolean => row[column] !== before[column];
  if (STATES.some(changed)) update(db, UPDATE_ALL, [...STATES, ...COUNTERS], row);
  else if (COUNTERS.some(changed)) update(db, UPDATE_COUNTERS, COUNTERS, row);
}

function update(db: WriteConnection, sql: string, columns: readonly Changing[], row: ExecutionRow): void {
  db.run(sql, ...columns.map((column): SqlValue => row[column]), row.no);
}

const STATES = [
  "state",
  "phase",
  "reason",
  "message",
  "epoch",
  "instance",
  "cancelling",
  "paused",
  "due_at",
  "started_at",
  "ended_at",
] as const satisfies readonly (keyof ExecutionRow)[];

const COUNTERS = [
  "deaths",
  "last_seq",
  "last_event",
  "reported",
  "inbox_last",
  "inbox_seen",
] as const satisfies readonly (keyof ExecutionRow)[];

type Changing = (typeof STATES)[number] | (typeof COUNTERS)[number];

const assign = (columns: readonly Changing[]): string => columns.map((column) => `${column}=?`).join(", ");
const UPDATE_ALL = `update execution set ${assign([...STATES, ...COUNTERS])} where no=?`;
const UPDATE_COUNTERS = `update execution set ${assign(COUNTERS)} where no=?`;
