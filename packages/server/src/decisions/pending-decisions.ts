import { type DecisionRequest, isDecisionRequest } from "@stigmer/dsl";
import { readText } from "../engine/values.ts";
import type { JsonObject } from "../resources/manifest.ts";
import type { Store } from "../store/store.ts";

/** A question to people, as the event log has it. */
export interface Question {
  /** Number of its execution. */
  readonly no: number;
  /** Its line in the event log. */
  readonly seq: number;
  readonly executionId: string;
  /** What runs. */
  readonly target: {
    readonly kind: string;
    readonly namespace: string;
    readonly name: string;
    readonly version: string;
    readonly revision: number;
  };
  readonly task: { readonly name: string; readonly reference: string; readonly run: number };
  readonly request: DecisionRequest;
  readonly askedAtMs: number;
  readonly untilMs: number | undefined;
}

/** Which questions are wanted; empty texts want all. */
export interface QuestionFilter {
  readonly namespace: string;
  readonly executionId: string;
  /** Only questions before this one: the last of the page before. */
  readonly before?: readonly [executionNo: number, seq: number];
  readonly limit: number;
}

interface QuestionRow {
  readonly no: number;
  readonly id: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly version: string;
  readonly revision: number;
  readonly seq: number;
  readonly at: number;
  readonly data: string | null;
  readonly blob: string | null;
}

const QUESTIONS = `select e.no, e.id, e.kind, e.namespace, e.name, e.version, e.revision, v.seq, v.at, v.data, v.blob
  from question q join execution e on e.no = q.execution join event v on v.execution = q.execution and v.seq = q.seq
  where (? = '' or e.namespace = ?) and (? = '' or e.id = ?) and (q.execution, q.seq) < (?, ?)
  order by q.execution desc, q.seq desc limit ?`;

/** A later line of the same run of a task says that it does not wait any more, or that it asks anew. */
const IS_OVER = `select 1 from event where execution = ? and seq > ? and type in
  ('task.completed', 'task.faulted', 'task.cancelled', 'task.retried', 'task.waiting')
  and json_extract(data, '$.reference') = ? and json_extract(data, '$.run') = ? limit 1`;

/** Lines of the table that one page looks at, at most: most of them are open questions. */
const LOOK_FACTOR = 4;

/** A page of open questions, the newest first; `last` is where the next page begins, when there may be one. */
export function openQuestions(
  store: Store,
  filter: QuestionFilter,
  isWanted: (question: Question) => boolean = () => true,
): { readonly questions: readonly Question[]; readonly last: readonly [number, number] | undefined } {
  const look = filter.limit * LOOK_FACTOR;
  const rows = readRows(store, filter, look);
  const questions: Question[] = [];
  for (const row of rows) {
    const question = toQuestion(store, row);
    if (question === undefined || !isOpen(store, question) || !isWanted(question)) continue;
    questions.push(question);
    if (questions.length === filter.limit) return { questions, last: [row.no, row.seq] };
  }
  const last = rows.at(-1);
  return { questions, last: rows.length < look || last === undefined ? undefined : [last.no, last.seq] };
}

function readRows(store: Store, { namespace, executionId, before }: QuestionFilter, limit: number) {
  const [no, seq] = before ?? [Number.MAX_SAFE_INTEGER, 0];
  return store.read.all<QuestionRow>(QUESTIONS, namespace, namespace, executionId, executionId, no, seq, limit);
}

function toQuestion(store: Store, row: QuestionRow): Question | undefined {
  const data: JsonObject = JSON.parse(readText(store, row.data, row.blob));
  const { request, reference, run, name: taskName, until } = data;
  if (!isDecisionRequest(request) || typeof reference !== "string" || typeof run !== "number") return undefined;
  const { no, seq, id, at, kind, namespace, name, version, revision } = row;
  return {
    no,
    seq,
    executionId: id,
    target: { kind, namespace, name, version, revision },
    task: { name: typeof taskName === "string" ? taskName : "", reference, run },
    request,
    askedAtMs: at,
    untilMs: typeof until === "string" ? Date.parse(until) : undefined,
  };
}

function isOpen(store: Store, { no, seq, task, request }: Question): boolean {
  const decided = store.read.get("select 1 from decision where execution = ? and task = ?", no, request.task);
  return decided === undefined && store.read.get(IS_OVER, no, seq, task.reference, task.run) === undefined;
}

/** Whether somebody may answer a question. */
export function mayDecide({ request }: Question, who: string): boolean {
  return request.approvers === undefined || request.approvers.includes(who);
}
