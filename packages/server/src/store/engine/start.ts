import { findAnswer, type IdempotencyKey, keepAnswer } from "../idempotency.ts";
import type { WriteConnection } from "../write-connection.ts";
import { type ExecutionRow, PHASE, STATE } from "./execution-row.ts";
import { grant } from "./inbox.ts";
import { type StoredValue, storeValue } from "./stored-value.ts";
import { readyOf, runTurn, type Slot, smallValue, type Turn, type WithConsequences } from "./turn.ts";

/** What an execution subscribes to from its first moment: events of a type (empty: any) with these attributes. */
export interface StoredSubscription {
  readonly type: string;
  /** JSON text of a map of literal attributes that must be equal. */
  readonly filter: string;
}

/** An execution that does not exist yet. Absent texts are empty. */
export interface NewExecution {
  readonly id: string;
  readonly program: string;
  /** Version of the program that begins the journal. */
  readonly programVersion: number;
  readonly namespace: string;
  readonly kind: string;
  readonly name: string;
  readonly version: string;
  readonly revision: number;
  /** Digest of the pinned revision, as people see it. */
  readonly digest: string;
  /** The definition's JSON text; always behind its digest, shared by all executions of it. */
  readonly definition: Extract<StoredValue, { readonly digest: string }>;
  readonly environment: string;
  readonly session: string;
  readonly workspace: string;
  /** JSON text of a map. */
  readonly labels: string;
  /** JSON text of the program's input without definition and execution. */
  readonly input: StoredValue;
  /** Body of the first journal entry. */
  readonly startBody: string;
  readonly subscriptions: readonly StoredSubscription[];
  readonly depth: number;
}

/** Who started a child, and whether it waits for it. */
export interface ParentLink {
  readonly parent: number;
  readonly key: string;
  readonly mode: "wait" | "detach";
}

/** Parameters of `startExecution`. */
export interface StartExecutionParams {
  readonly nowMs: number;
  readonly execution: NewExecution;
  readonly idempotency?: IdempotencyKey;
  readonly slots?: readonly Slot[];
}

/** The new execution, the first answer to the same key, or the refusal of a key that belongs to another request. */
export type StartExecutionResult =
  | { readonly kind: "started" | "repeated"; readonly id: string }
  | { readonly kind: "reused" };

/** Starts an execution: row, first journal entry, first event, subscriptions and, with room at a runner, its lease. */
export function startExecution(
  db: WriteConnection,
  params: StartExecutionParams,
): WithConsequences<StartExecutionResult> {
  return runTurn<StartExecutionResult>(db, params.nowMs, params.slots, (turn) =>
    startOnce(turn, params.execution, params.idempotency),
  );
}

/** The same inside another command. */
export function startOnce(turn: Turn, execution: NewExecution, key: IdempotencyKey | undefined): StartExecutionResult {
  const { db, nowMs } = turn;
  const known = key ? findAnswer(db, key) : undefined;
  if (known?.kind === "repeated") return { kind: "repeated", id: known.answer };
  if (known?.kind === "reused") return { kind: "reused" };
  const row = createExecution(turn, execution, undefined);
  if (key) keepAnswer(db, { key, answer: execution.id, execution: row.no, nowMs });
  begin(turn, row);
  return { kind: "started", id: execution.id };
}

/** Starts a child once: its id derives from its parent's id and the key, so a second time changes nothing. */
export function startChild(turn: Turn, execution: NewExecution, link: ParentLink): void {
  if (turn.rowById(execution.id)) return;
  begin(turn, createExecution(turn, execution, link));
}

/** To a runner when the command brought room, else into the queue. */
function begin(turn: Turn, row: ExecutionRow): void {
  const slot = turn.takeSlot(row.program);
  if (slot) grant(turn, row, slot.instance);
  else turn.ready.push(readyOf(row));
}

const INSERT = `insert into execution(id, program, program_version, namespace, kind, name, version, revision, definition, digest,
  environment, session, workspace, labels, state, phase, parent, parent_key, awaited, depth, created_at)
  values (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)`;

function createExecution(turn: Turn, execution: NewExecution, link: ParentLink | undefined): ExecutionRow {
  const { db, nowMs } = turn;
  const no = db.insert(
    INSERT,
    execution.id,
    execution.program,
    execution.programVersion,
    execution.namespace,
    execution.kind,
    execution.name,
    execution.version,
    execution.revision,
    execution.definition.digest,
    execution.digest,
    execution.environment,
    execution.session,
    execution.workspace,
    execution.labels,
    STATE.ready,
    PHASE.pending,
    link?.parent ?? null,
    link?.key ?? "",
    link?.mode === "wait" ? 1 : 0,
    execution.depth,
    nowMs,
  );
  storeValue(db, no, execution.definition, nowMs);
  const [input, blob] = storeValue(db, no, execution.input, nowMs);
  db.run("update execution set input = ?, input_blob = ? where no = ?", input, blob, no);
  db.run(
    "insert into journal(execution, seq, at, kind, key, body) values (?, 1, ?, 'start', '', ?)",
    no,
    nowMs,
    execution.startBody,
  );
  subscribe(db, no, execution.subscriptions);
  const row = turn.row(no);
  if (!row) throw new Error(`Cannot start execution "${execution.id}": its row is missing`);
  row.last_seq = 1;
  turn.event(row, "execution.created", smallValue({ kind: row.kind, namespace: row.namespace, name: row.name }));
  return row;
}

function subscribe(db: WriteConnection, no: number, subscriptions: readonly StoredSubscription[]): void {
  subscriptions.forEach(({ type, filter }, i) => {
    db.run("insert into subscription(execution, n, type, filter) values (?,?,?,?)", no, i + 1, type, filter);
  });
}
