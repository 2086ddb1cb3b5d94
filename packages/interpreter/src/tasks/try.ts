import { type CatchRule, matchesErrorFilter, type TryTask } from "@stigmer/dsl";
import { DeadlineError, type Failure } from "@stigmer/durable";
import { startOfList, type TryBody } from "../cursor.ts";
import { durationMs, holds } from "../data-flow.ts";
import { Fault, failureFromJson, failureJson, faultOf, problemJson, standardFault } from "../fault.ts";
import { answered, Directed, type Frame, keyOf, type Outcome, type TaskFrame } from "../frame.ts";
import type { Attempt } from "../idempotency.ts";
import { runList } from "../list.ts";
import { NoProgress } from "../progress.ts";
import { nextDelayMs, retryPolicy } from "../retry.ts";
import { drive, type Step, settled } from "../step.ts";
import { reportTask } from "../task-events.ts";

/**
 * Tries a list of tasks; a caught error leads to another attempt while the retry policy allows it, then to `catch.do`.
 *
 * Without `do` and `then` an error that a retry policy gave up on is raised again; without a policy the input is the output.
 */
export function* runTry(frame: TaskFrame, task: TryTask): Step<Outcome> {
  const body = bodyOf(frame);
  for (;;) {
    if (body.phase === "catch") return yield* runCatch(frame, task, body);
    if (body.phase === "delay") yield* waitForAttempt(frame, body);
    try {
      return yield* runAttempt(frame, task, body);
    } catch (error) {
      yield* decide(frame, task, { body, fault: catchable(error, frame.reference) });
    }
  }
}

function bodyOf(frame: TaskFrame): TryBody {
  const { cursor } = frame;
  if (cursor.body?.kind === "try") return cursor.body;
  const body: TryBody = {
    kind: "try",
    phase: "try",
    attempt: 1,
    begun: new Map(),
    startedAtMs: frame.durable.now(),
    list: startOfList(frame.input),
    error: undefined,
    dueAtMs: undefined,
  };
  cursor.body = body;
  return body;
}

function* waitForAttempt(frame: TaskFrame, body: TryBody): Step<void> {
  // Without a delay no timer is set: a loop of pure failures must not look like progress.
  if (body.dueAtMs !== undefined) {
    const timer = { key: keyOf(frame, `/delay-${body.attempt}`), dueAtMs: body.dueAtMs };
    yield* answered(frame, frame.durable.sleepUntil(timer));
  }
  body.phase = "try";
  body.attempt += 1;
  body.begun.clear();
  body.list = startOfList(frame.input);
  body.dueAtMs = undefined;
}

function* runAttempt(frame: TaskFrame, task: TryTask, body: TryBody): Step<Outcome> {
  const attempt = (inner: Frame) =>
    runList(inner, { list: task.try, pointer: `${frame.reference}/try`, cursor: body.list });
  const inside = task.catch.retry === undefined ? frame : { ...frame, attempt: attemptOf(frame, body) };
  const limit = retryPolicy(frame.run, task)?.limit?.attempt?.duration;
  if (limit === undefined) return yield* attempt(inside);
  body.dueAtMs ??= frame.durable.now() + durationMs(frame, limit);
  const scope = { key: keyOf(frame, `/attempt-${body.attempt}`), deadlineAtMs: body.dueAtMs };
  try {
    return yield* settled(frame.durable.scope(scope, (durable) => drive(attempt({ ...inside, durable }))));
  } catch (error) {
    if (!(error instanceof DeadlineError) || error.key !== scope.key) throw error;
    const detail = `Attempt ${body.attempt} of task "${frame.name}" did not end in time`;
    throw standardFault({ error: "timeout", detail, instance: frame.reference });
  }
}

function attemptOf({ reference, cursor }: TaskFrame, { begun }: TryBody): Attempt {
  return { name: cursor.scope ?? `${reference}#${cursor.run}`, reference, begun };
}

function catchable(error: unknown, reference: string): Fault {
  const fault = faultOf(error, reference);
  if (fault === undefined || fault instanceof NoProgress) throw error;
  return fault;
}

/** What an attempt ended with. */
interface FailedAttempt {
  readonly body: TryBody;
  readonly fault: Fault;
}

/** Sets the next phase, or throws the fault on when it is not caught. */
function* decide(frame: TaskFrame, task: TryTask, { body, fault }: FailedAttempt): Step<void> {
  const inner = withError(frame, task.catch, fault.problem);
  if (!(yield* isCaught(inner, task.catch, fault))) throw fault;
  const delayMs = yield* delayBeforeRetry(inner, task, { body, fault });
  body.error = failureJson(fault.problem);
  body.dueAtMs = delayMs === undefined || delayMs === 0 ? undefined : frame.durable.now() + delayMs;
  body.phase = delayMs === undefined ? "catch" : "delay";
  body.list = startOfList(frame.input);
  if (delayMs === undefined) return;
  reportTask(frame, "task.retried", { attempt: body.attempt + 1, delayMs, error: problemJson(fault.problem) });
}

function withError(frame: TaskFrame, rule: CatchRule, failure: Failure): TaskFrame {
  return { ...frame, variables: { ...frame.variables, [rule.as ?? "error"]: problemJson(failure) } };
}

function* isCaught(frame: TaskFrame, rule: CatchRule, fault: Fault): Step<boolean> {
  return matchesErrorFilter(rule.errors?.with, fault.problem) && (yield* isWanted(frame, rule));
}

function* isWanted(frame: TaskFrame, rule: { readonly when?: string; readonly exceptWhen?: string }): Step<boolean> {
  if (rule.when !== undefined && !(yield* holds(frame, rule.when))) return false;
  return rule.exceptWhen === undefined || !(yield* holds(frame, rule.exceptWhen));
}

function* delayBeforeRetry(frame: TaskFrame, task: TryTask, { body, fault }: FailedAttempt): Step<number | undefined> {
  const policy = retryPolicy(frame.run, task);
  if (policy === undefined || fault.problem.retryable === false) return undefined;
  return (yield* isWanted(frame, policy)) ? nextDelayMs(frame, policy, body) : undefined;
}

function* runCatch(frame: TaskFrame, task: TryTask, body: TryBody): Step<Outcome> {
  const rule = task.catch;
  const failure = failureFromJson(body.error ?? {});
  const givenUp = rule.retry !== undefined && rule.do === undefined && rule.then === undefined;
  if (givenUp) throw new Fault(failure);
  const outcome = yield* runHandler(withError(frame, rule, failure), rule, body);
  return rule.then === undefined || outcome instanceof Directed ? outcome : new Directed(outcome, rule.then);
}

function* runHandler(frame: TaskFrame, rule: CatchRule, body: TryBody): Step<Outcome> {
  if (rule.do === undefined) return frame.input;
  return yield* runList(frame, { list: rule.do, pointer: `${frame.reference}/catch/do`, cursor: body.list });
}
