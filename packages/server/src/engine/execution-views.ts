import { PHASE } from "../store/engine/execution-row.ts";
import type { Store } from "../store/store.ts";
import type { SqlValue } from "../store/write-connection.ts";
import { readText } from "./values.ts";

/** An execution as it stands on disk. JSON values are texts; times are epoch ms; absent texts are empty. */
export interface ExecutionView {
  readonly no: number;
  readonly id: string;
  readonly program: string;
  readonly namespace: string;
  readonly kind: string;
  readonly name: string;
  readonly version: string;
  readonly revision: number;
  readonly digest: string;
  /** By the numbers of the API's `Phase`. */
  readonly phase: number;
  readonly reason: string;
  readonly message: string;
  /** The program's input without definition and execution. */
  readonly input: string;
  /** Only when completed. */
  readonly output?: string;
  /** Only when faulted: the failure. */
  readonly error?: string;
  readonly session: string;
  readonly workspace: string;
  readonly environment: string;
  readonly labels: string;
  readonly parentId?: string;
  readonly createdAtMs: number;
  readonly startedAtMs?: number;
  readonly endedAtMs?: number;
  readonly lastEventSeq: number;
}

/** A line of an event log; `data` is JSON text. */
export interface EventView {
  readonly seq: number;
  readonly atMs: number;
  readonly type: string;
  readonly data: string;
}

/** A published CloudEvent; `event` is JSON text. */
export interface PublishedView {
  readonly no: number;
  readonly atMs: number;
  readonly event: string;
  readonly delivered: number;
}

/** Filters of a list; all that are set must hold. Newest first. */
export interface ListExecutionsFilter {
  readonly namespace?: string;
  readonly kind?: string;
  readonly name?: string;
  readonly phases?: readonly number[];
  readonly session?: string;
  readonly parentId?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly createdAfterMs?: number;
  readonly createdBeforeMs?: number;
  /** Only executions with a smaller `no`: the last one of the page before. */
  readonly beforeNo?: number;
  readonly limit: number;
}

type Row = Record<string, SqlValue>;

const COLUMNS = `e.no, e.id, e.program, e.namespace, e.kind, e.name, e.version, e.revision, e.digest, e.phase, e.reason, e.message,
  e.input, e.input_blob, e.output, e.output_blob, e.error, e.error_blob, e.session, e.workspace, e.environment, e.labels,
  e.created_at, e.started_at, e.ended_at, e.last_event, p.id as parent_id`;
const FROM = "from execution e left join execution p on p.no = e.parent";

/** One execution by its public id. */
export function readExecution(store: Store, id: string): ExecutionView | undefined {
  const row = store.read.get<Row>(`select ${COLUMNS} ${FROM} where e.id = ?`, id);
  return row && view(store, row);
}

/** The phase of an execution; one that was removed counts as cancelled. */
export function readPhase(store: Store, no: number): number {
  return store.read.get<{ phase: number }>("select phase from execution where no = ?", no)?.phase ?? PHASE.cancelled;
}

/** A page of executions, newest first. */
export function listExecutions(store: Store, filter: ListExecutionsFilter): readonly ExecutionView[] {
  const parts = conditions(filter);
  const where = parts.length > 0 ? `where ${parts.map(([sql]) => sql).join(" and ")}` : "";
  const values = parts.flatMap(([, given]) => given);
  return store.read
    .all<Row>(`select ${COLUMNS} ${FROM} ${where} order by e.no desc limit ?`, ...values, filter.limit)
    .map((row) => view(store, row));
}

type Condition = readonly [sql: string, values: readonly SqlValue[]];

function conditions(filter: ListExecutionsFilter): readonly Condition[] {
  const all: Condition[] = [];
  const add = (sql: string, ...values: (SqlValue | undefined)[]): void => {
    if (values.every((value) => value !== undefined && value !== "")) all.push([sql, values as SqlValue[]]);
  };
  add("e.namespace = ?", filter.namespace);
  add("e.kind = ?", filter.kind);
  add("e.name = ?", filter.name);
  add("e.session = ?", filter.session);
  add("p.id = ?", filter.parentId);
  add("e.created_at > ?", filter.createdAfterMs);
  add("e.created_at < ?", filter.createdBeforeMs);
  add("e.no < ?", filter.beforeNo);
  const phases = filter.phases ?? [];
  if (phases.length > 0) all.push([`e.phase in (${phases.map(() => "?").join(",")})`, phases]);
  for (const [name, value] of Object.entries(filter.labels ?? {})) {
    all.push(["exists (select 1 from json_each(e.labels) l where l.key = ? and l.value = ?)", [name, value]]);
  }
  return all;
}

function view(store: Store, row: Row): ExecutionView {
  const text = (name: string): string => String(row[name] ?? "");
  const number = (name: string): number => Number(row[name] ?? 0);
  const value = (name: string): string =>
    readText(store, row[name] as string | null, row[`${name}_blob`] as string | null);
  const has = (name: string): boolean => row[name] !== null || row[`${name}_blob`] !== null;
  return {
    no: number("no"),
    id: text("id"),
    program: text("program"),
    namespace: text("namespace"),
    kind: text("kind"),
    name: text("name"),
    version: text("version"),
    revision: number("revision"),
    digest: text("digest"),
    phase: number("phase"),
    reason: text("reason"),
    message: text("message"),
    input: value("input"),
    ...(has("output") ? { output: value("output") } : {}),
    ...(has("error") ? { error: value("error") } : {}),
    session: text("session"),
    workspace: text("workspace"),
    environment: text("environment"),
    labels: text("labels"),
    ...(row.parent_id === null ? {} : { parentId: text("parent_id") }),
    createdAtMs: number("created_at"),
    ...(row.started_at === null ? {} : { startedAtMs: number("started_at") }),
    ...(row.ended_at === null ? {} : { endedAtMs: number("ended_at") }),
    lastEventSeq: number("last_event"),
  };
}

/** Lines of an event log above `afterSeq`, in order. */
export function readEvents(store: Store, no: number, afterSeq: number, limit: number): readonly EventView[] {
  return store.read
    .all<{ seq: number; at: number; type: string; data: string | null; blob: string | null }>(
      "select seq, at, type, data, blob from event where execution = ? and seq > ? order by seq limit ?",
      no,
      afterSeq,
      limit,
    )
    .map((row) => ({ seq: row.seq, atMs: row.at, type: row.type, data: readText(store, row.data, row.blob) }));
}

/** Published events, newest first; `beforeNo` is the last one of the page before. */
export function listPublished(store: Store, beforeNo: number | undefined, limit: number): readonly PublishedView[] {
  return store.read
    .all<{ no: number; at: number; event: string | null; blob: string | null; delivered: number }>(
      "select no, at, event, blob, delivered from published where no < ? order by no desc limit ?",
      beforeNo ?? Number.MAX_SAFE_INTEGER,
      limit,
    )
    .map((row) => ({
      no: row.no,
      atMs: row.at,
      event: readText(store, row.event, row.blob),
      delivered: row.delivered,
    }));
}
