import { toJson } from "@bufbuild/protobuf";
import { ValueSchema } from "@bufbuild/protobuf/wkt";
import { type DecideRequest, type ErrorReason, StigmerError } from "@stigmer/api";
import { type Decision, decisionProblem } from "@stigmer/dsl";
import type { Json } from "@stigmer/durable";
import type { Engine } from "../engine/engine.ts";
import { executionNotFound } from "../executions/watch-execution.ts";
import { digestOf } from "../resources/request-digest.ts";
import type { Store } from "../store/store.ts";
import { openQuestions, type Question } from "./pending-decisions.ts";

/** Which question was answered. */
export interface Decided {
  readonly id: string;
  /** Its key. */
  readonly task: string;
}

/**
 * Answers a question of an execution; resolves when the answer is on disk. The same answer again changes nothing.
 *
 * @throws {StigmerError} EXECUTION_NOT_FOUND, DECISION_NOT_FOUND, AMBIGUOUS_NAME, DECISION_REFUSED by outcome, approver or
 *   form, DECISION_TAKEN when another answer came first, EXECUTION_FINISHED
 */
export async function decide(
  deps: { readonly store: Store; readonly engine: Engine },
  request: DecideRequest,
): Promise<Decided> {
  const { id, outcome, by } = request;
  if (deps.engine.get(id) === undefined) throw executionNotFound(id);
  const data = request.data === undefined ? undefined : (toJson(ValueSchema, request.data) as Json);
  const digest = digestOf(JSON.stringify([outcome, data ?? null, by]));
  const question = deps.store.read.together(() => findQuestion(deps.store, request, digest));
  const task = typeof question === "string" ? question : question.request.task;
  const decision: Decision = { task, outcome, by, ...(data === undefined ? {} : { data }) };
  if (typeof question !== "string") check(question, decision);
  const result = await deps.engine.decide({ id, task, digest, item: decision });
  switch (result) {
    case "decided":
    case "repeated":
      return { id, task };
    case "taken":
      throw refusal("DECISION_TAKEN", request, "somebody decided otherwise before");
    case "final":
      throw refusal("EXECUTION_FINISHED", request, "it has ended");
    case "missing":
      throw executionNotFound(id);
  }
}

/** The open question that is meant, or the key of one that was decided before. */
function findQuestion(store: Store, request: DecideRequest, digest: string): Question | string {
  const { questions: open } = openQuestions(store, { namespace: "", executionId: request.id, limit: MOST_QUESTIONS });
  const [found, ...others] = open.filter((one) => isNamed(one, request.task));
  if (found !== undefined && others.length === 0) return found;
  if (found !== undefined) throw ambiguous(request, [found, ...others]);
  const decided = decidedTasks(store, request);
  const same = decided.find((one) => one.digest === digest) ?? decided[0];
  if (same !== undefined) return same.task;
  if (hasEnded(store, request.id)) throw refusal("EXECUTION_FINISHED", request, "it has ended");
  const which = request.task === "" ? "no question is open" : `no question "${request.task}" is open`;
  throw refusal("DECISION_NOT_FOUND", request, which);
}

/** Most open questions of one execution that are looked at. */
const MOST_QUESTIONS = 1_000;

/** Decisions that are known, the newest first; their questions may be forgotten. */
function decidedTasks(store: Store, { id, task: word }: DecideRequest) {
  const rows = store.read.all<{ readonly task: string; readonly digest: string }>(
    `select d.task, d.digest from decision d join execution e on e.no = d.execution where e.id = ?
     order by d.at desc limit ?`,
    id,
    MOST_QUESTIONS,
  );
  return rows.filter(({ task }) => word === "" || task === word || `/${task}`.includes(`/${word}#`));
}

function hasEnded(store: Store, id: string): boolean {
  return store.read.get("select 1 from execution where id = ? and ended_at is not null", id) !== undefined;
}

function isNamed({ request, task }: Question, word: string): boolean {
  return word === "" || [request.task, task.reference, task.name].includes(word);
}

function check({ request }: Question, decision: Decision): void {
  const problem = decisionProblem(request, decision);
  if (problem === undefined) return;
  const message = `Cannot answer "${request.title}" (${request.task}): ${problem}`;
  throw new StigmerError({ reason: "DECISION_REFUSED", message });
}

function ambiguous({ id }: DecideRequest, open: readonly Question[]): StigmerError {
  const keys = open.map(({ request }) => request.task);
  return new StigmerError({
    reason: "AMBIGUOUS_NAME",
    message: `Cannot decide in execution "${id}": ${open.length} questions are open: ${keys.join(", ")}`,
    hint: "name the question by its key",
    details: { metadata: { candidates: keys.join(", ") } },
  });
}

function refusal(reason: ErrorReason, { id }: DecideRequest, state: string): StigmerError {
  return new StigmerError({ reason, message: `Cannot decide in execution "${id}": ${state}` });
}
