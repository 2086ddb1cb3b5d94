import type { WriteConnection } from "../write-connection.ts";
import { type ExecutionRow, noById, rowByNo, saveRow } from "./execution-row.ts";
import { type StoredValue, storeValue } from "./stored-value.ts";

/** An execution that waits for a runner, as the scheduler needs it. */
export interface ReadyExecution {
  readonly no: number;
  readonly id: string;
  readonly program: string;
  /** Executions of one definition share a queue; the scheduler is fair between queues. */
  readonly queue: string;
  readonly namespace: string;
  readonly environment: string;
  readonly depth: number;
  readonly epoch: number;
  readonly lastSeq: number;
  readonly deaths: number;
}

/** A lease that is on disk. */
export interface GrantedLease extends ReadyExecution {
  readonly instance: string;
}

/** An item that a leased execution got. `data` or `blob` is set. */
export interface DeliveredItem {
  readonly no: number;
  readonly n: number;
  readonly kind: string;
  readonly at: number;
  readonly data: string | null;
  readonly blob: string | null;
}

/** What a command did beside its own result; the engine acts on it once it is on disk. */
export interface Consequences {
  readonly ready: readonly ReadyExecution[];
  readonly granted: readonly GrantedLease[];
  readonly delivered: readonly DeliveredItem[];
  readonly ended: readonly { readonly no: number; readonly id: string }[];
  /** Executions whose row or event log changed. */
  readonly touched: readonly number[];
  /** Earliest new timer, epoch ms. */
  readonly dueAt?: number;
}

/** A result with its consequences. */
export type WithConsequences<R> = R & { readonly consequences: Consequences };

/** Room at a runner that a command may fill at once, so that the lease shares its transaction. */
export interface Slot {
  readonly instance: string;
  readonly programs: readonly string[];
}

/** Runs a command over rows that are read once, changed in memory and written back at its end. */
export function runTurn<R>(
  db: WriteConnection,
  nowMs: number,
  slots: readonly Slot[] | undefined,
  body: (turn: Turn) => R,
): WithConsequences<R> {
  const turn = new Turn(db, nowMs, slots ?? []);
  const result = body(turn);
  return { ...result, consequences: turn.finish() };
}

/** The rows and consequences of one command. */
export class Turn {
  readonly db: WriteConnection;
  readonly nowMs: number;
  readonly ready: ReadyExecution[] = [];
  readonly granted: GrantedLease[] = [];
  readonly delivered: DeliveredItem[] = [];
  readonly ended: { no: number; id: string }[] = [];
  dueAt: number | undefined;
  #slots: readonly Slot[];
  readonly #rows = new Map<number, { readonly row: ExecutionRow; readonly before: ExecutionRow }>();

  constructor(db: WriteConnection, nowMs: number, slots: readonly Slot[]) {
    this.db = db;
    this.nowMs = nowMs;
    this.#slots = slots;
  }

  /** The row of a number; the same object each time. */
  row(no: number): ExecutionRow | undefined {
    const known = this.#rows.get(no);
    if (known) return known.row;
    const row = rowByNo(this.db, no);
    if (row) this.#rows.set(no, { row, before: { ...row } });
    return row;
  }

  rowById(id: string): ExecutionRow | undefined {
    const no = noById(this.db, id);
    return no === undefined ? undefined : this.row(no);
  }

  /** Adds a line to the event log. */
  event(row: ExecutionRow, type: string, data: StoredValue, atMs = this.nowMs): void {
    row.last_event++;
    const [text, blob] = storeValue(this.db, row.no, data, this.nowMs);
    this.db.run(
      "insert into event(execution, seq, at, type, data, blob) values (?,?,?,?,?,?)",
      row.no,
      row.last_event,
      atMs,
      type,
      text,
      blob,
    );
  }

  /** Room that came with the command for this program; each slot once. */
  takeSlot(program: string): Slot | undefined {
    const slot = this.#slots.find((one) => one.programs.includes(program));
    this.#slots = this.#slots.filter((one) => one !== slot);
    return slot;
  }

  /** Remembers the earliest timer. */
  due(atMs: number): void {
    if (this.dueAt === undefined || atMs < this.dueAt) this.dueAt = atMs;
  }

  /** Writes the rows back. */
  finish(): Consequences {
    for (const { row, before } of this.#rows.values()) saveRow(this.db, row, before);
    const { ready, granted, delivered, ended, dueAt } = this;
    const touched = [...this.#rows.keys()];
    return { ready, granted, delivered, ended, touched, ...(dueAt === undefined ? {} : { dueAt }) };
  }
}

/** What the scheduler needs of a row. */
export function readyOf(row: ExecutionRow): ReadyExecution {
  return {
    no: row.no,
    id: row.id,
    program: row.program,
    queue: `${row.namespace}/${row.kind}/${row.name}`,
    namespace: row.namespace,
    environment: row.environment,
    depth: row.depth,
    epoch: row.epoch,
    lastSeq: row.last_seq,
    deaths: row.deaths,
  };
}

/** JSON text of a small object as a value. */
export function smallValue(data: Readonly<Record<string, string | number | boolean>>): StoredValue {
  return { text: JSON.stringify(data) };
}
