import {
  DEFAULT_OUTCOMES,
  type Decision,
  type DecisionRequest,
  decisionProblem,
  type HumanArguments,
  type HumanCallTask,
  hasDeferred,
  isDecision,
  isDecisionRequest,
  type Json,
} from "@stigmer/dsl";
import { DeadlineError, type DurableScope } from "@stigmer/durable";
import type { HumanBody } from "../cursor.ts";
import { durationMs, effectArguments, evaluateValue } from "../data-flow.ts";
import { standardFault } from "../fault.ts";
import { answered, keyOf, type Outcome, type TaskFrame } from "../frame.ts";
import { isList, present } from "../json.ts";
import type { Step } from "../step.ts";
import { reportTask } from "../task-events.ts";

/**
 * Asks people and waits for their decision; the output is `{outcome, data, by}`, with null for both when the timeout
 * chose the outcome.
 *
 * The question stands in the event log (`task.waiting`). Decisions that do not fit it are refused with a line there.
 *
 * @throws {Fault} timeout error 408 when nobody decided in time and the timeout has no outcome
 */
export function* callHuman(frame: TaskFrame, { with: args }: HumanCallTask): Step<Outcome> {
  const body = yield* bodyOf(frame, args);
  while (body.answer === undefined) {
    const dueAtMs = nextDue(body);
    const isOver = yield* waitUntil(frame, body, dueAtMs);
    if (!isOver) continue;
    if (dueAtMs !== body.timeoutAtMs) yield* escalate(frame, args, body);
    else body.answer = unanswered(frame, args);
  }
  return body.answer;
}

function* bodyOf(frame: TaskFrame, args: HumanArguments): Step<HumanBody> {
  const { cursor } = frame;
  if (cursor.body?.kind === "human") return cursor.body;
  const request = yield* requestOf(frame, args);
  const nowMs = frame.durable.now();
  const body: HumanBody = {
    kind: "human",
    request,
    taken: 0,
    timeoutAtMs: args.timeout === undefined ? undefined : nowMs + durationMs(frame, args.timeout.after),
    escalateAtMs: args.escalation === undefined ? undefined : nowMs + durationMs(frame, args.escalation.after),
    answer: undefined,
  };
  cursor.body = body;
  announce(frame, body);
  return body;
}

function* requestOf(frame: TaskFrame, args: HumanArguments): Step<DecisionRequest> {
  const { title, description = null, data = null, approvers = null } = args;
  const written = { title, description, data, approvers };
  if (hasDeferred(effectArguments(frame, written)))
    throw wrong("what it shows stands in the log, so it reads no secrets");
  const shown = yield* evaluateValue(frame, written);
  const { outcomes = DEFAULT_OUTCOMES, form } = args;
  const members = Object.fromEntries(Object.entries(shown ?? {}).filter(([, value]) => value !== null));
  const request = present({ task: keyOf(frame), ...members, outcomes, form });
  if (isDecisionRequest(request)) return request;
  throw wrong("the title must give a text, and approvers a list of texts");
}

function wrong(why: string) {
  return standardFault({ error: "configuration", detail: `Cannot ask people: ${why}` });
}

function announce(frame: TaskFrame, { request, timeoutAtMs }: HumanBody): void {
  const until = timeoutAtMs === undefined ? {} : { until: new Date(timeoutAtMs).toISOString() };
  reportTask(frame, "task.waiting", { for: "decision", request, ...until });
}

/** The escalation, while it is to come, else the timeout. */
function nextDue({ escalateAtMs, timeoutAtMs }: HumanBody): number | undefined {
  if (escalateAtMs === undefined) return timeoutAtMs;
  return timeoutAtMs === undefined ? escalateAtMs : Math.min(escalateAtMs, timeoutAtMs);
}

/** Waits for one decision; true when time was up first. */
function* waitUntil(frame: TaskFrame, body: HumanBody, dueAtMs: number | undefined): Step<boolean> {
  const scope = { key: keyOf(frame, `/until-${dueAtMs ?? "decided"}-${body.taken + 1}`) };
  const bounded = dueAtMs === undefined ? scope : { ...scope, deadlineAtMs: dueAtMs };
  try {
    yield* answered(
      frame,
      frame.durable.scope(bounded, (durable) => receiveDecision(frame, body, durable)),
    );
    return false;
  } catch (error) {
    if (error instanceof DeadlineError && error.key === scope.key) return true;
    throw error;
  }
}

/** Notes the answer before the scope ends, so that a state taken in between does not wait for it again. */
async function receiveDecision(frame: TaskFrame, body: HumanBody, durable: DurableScope): Promise<void> {
  const { request } = body;
  const { data } = await durable.receive({
    key: keyOf(frame, `/decision-${body.taken + 1}`),
    match: (item) => item.kind === "decision" && isDecision(item.data) && item.data.task === request.task,
  });
  body.taken += 1;
  if (!isDecision(data)) return;
  const problem = decisionProblem(request, data);
  if (problem === undefined) body.answer = answerOf(data);
  else refuse(frame, problem);
}

function answerOf({ outcome, data = null, by }: Decision): Json {
  return { outcome, data, by };
}

function refuse(frame: TaskFrame, problem: string): void {
  const message = `Task ${frame.reference} refused a decision: ${problem}`;
  frame.durable.report({ type: "log", data: { level: "warn", message } });
}

/** Those who are asked next may decide beside those who were asked first. */
function* escalate(frame: TaskFrame, { escalation }: HumanArguments, body: HumanBody): Step<void> {
  body.escalateAtMs = undefined;
  const more = yield* evaluateValue(frame, escalation?.approvers ?? []);
  const first = body.request.approvers ?? [];
  const request = { ...body.request, approvers: [...first, ...(isList(more) ? more : [more])] };
  if (!isDecisionRequest(request)) throw wrong("the approvers of the escalation must give a list of texts");
  body.request = request;
  announce(frame, body);
}

function unanswered(frame: TaskFrame, { timeout }: HumanArguments): Json {
  if (timeout?.outcome !== undefined) return { outcome: timeout.outcome, data: null, by: null };
  throw standardFault({ error: "timeout", detail: `Nobody decided about "${frame.name}" in time` });
}
