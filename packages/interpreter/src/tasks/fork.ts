import type { ForkTask } from "@stigmer/dsl";
import { CancelledError, type DurableScope } from "@stigmer/durable";
import type { BranchCursor, ForkBody } from "../cursor.ts";
import { Fault, failureFromJson, failureJson } from "../fault.ts";
import { Directed, keyOf, type Outcome, type TaskFrame } from "../frame.ts";
import type { PlannedTask } from "../plan.ts";
import { NoProgress } from "../progress.ts";
import { drive, type Step, settled } from "../step.ts";
import { runTask } from "../task.ts";
import { finishedOf } from "../timeout.ts";

/**
 * Runs branches at the same time, each in a scope of its own.
 *
 * Without `compete` the outputs stand in the order of declaration and the first fault cancels the rest. With `compete` the
 * first branch that completes wins and the rest is cancelled; a fault only counts when no branch is left. `end` in a
 * branch cancels the rest and ends the workflow.
 */
export function* runFork(frame: TaskFrame, task: ForkTask): Step<Outcome> {
  const { tasks } = frame.run.plan(task.fork.branches);
  const fork: Fork = {
    frame,
    body: bodyOf(frame, tasks.length),
    competes: task.fork.compete === true,
    open: new Map(),
  };
  const ends = yield* settled(Promise.allSettled(tasks.map((planned, index) => runBranch(fork, planned, index))));
  rethrow(ends);
  return resultOf(fork);
}

interface Fork {
  readonly frame: TaskFrame;
  readonly body: ForkBody;
  readonly competes: boolean;
  /** Scopes of the branches that run. */
  readonly open: Map<number, DurableScope>;
}

function bodyOf(frame: TaskFrame, count: number): ForkBody {
  const { cursor } = frame;
  if (cursor.body?.kind === "fork") return cursor.body;
  const branches = Array.from({ length: count }, emptyBranch);
  const body: ForkBody = { kind: "fork", branches, winner: undefined };
  cursor.body = body;
  return body;
}

function emptyBranch(): BranchCursor {
  return { task: undefined, finished: undefined, fault: undefined };
}

async function runBranch(fork: Fork, planned: PlannedTask, index: number): Promise<void> {
  const branch = fork.body.branches[index];
  if (branch === undefined || branch.finished !== undefined || branch.fault !== undefined || isDecided(fork)) return;
  try {
    await fork.frame.durable.scope({ key: keyOf(fork.frame, `/branch-${index}`) }, async (scope) => {
      fork.open.set(index, scope);
      try {
        await drive(branchSteps(fork, { planned, index, branch, scope }));
      } finally {
        fork.open.delete(index);
      }
    });
  } catch (error) {
    // A loser that was cancelled has nothing to say.
    if (!(error instanceof CancelledError) || !isDecided(fork)) throw error;
  }
}

interface Branch {
  readonly planned: PlannedTask;
  readonly index: number;
  readonly branch: BranchCursor;
  readonly scope: DurableScope;
}

function* branchSteps(fork: Fork, { planned, index, branch, scope }: Branch): Step<void> {
  const { frame, body } = fork;
  const reference = `${frame.reference}/fork/branches${planned.pointer}`;
  try {
    const outcome = yield* runTask(
      { ...frame, durable: scope },
      { planned, reference, raw: frame.input, slot: branch },
    );
    if (isDecided(fork)) return;
    branch.finished = finishedOf(outcome);
    if (fork.competes) body.winner = index;
  } catch (error) {
    if (!isFaultOfBranch(error)) {
      if (!(error instanceof CancelledError)) cancelOthers(fork, index);
      throw error;
    }
    if (isDecided(fork)) return;
    branch.fault = failureJson(error.problem);
  }
  branch.task = undefined;
  if (isDecided(fork)) cancelOthers(fork, index);
  else scope.snapshot(frame.run.offerState);
}

function isFaultOfBranch(error: unknown): error is Fault {
  return error instanceof Fault && !(error instanceof NoProgress);
}

function cancelOthers(fork: Fork, decider: number): void {
  for (const [index, scope] of fork.open) if (index !== decider) scope.cancel();
}

/** True once the other branches do not matter any more. */
function isDecided({ body, competes }: Fork): boolean {
  if (body.branches.some((branch) => branch.finished?.next === "end")) return true;
  return competes ? body.winner !== undefined : body.branches.some((branch) => branch.fault !== undefined);
}

function rethrow(ends: readonly PromiseSettledResult<void>[]): void {
  const reasons = ends.filter((end) => end.status === "rejected").map((end): unknown => end.reason);
  if (reasons.length === 0) return;
  throw reasons.find((reason) => !(reason instanceof CancelledError)) ?? reasons[0];
}

function resultOf({ body, competes }: Fork): Outcome {
  const ended = body.branches.find((branch) => branch.finished?.next === "end")?.finished;
  if (ended !== undefined) return new Directed(ended.output, "end");
  const winner = body.winner === undefined ? undefined : body.branches[body.winner]?.finished;
  if (competes && winner !== undefined) return winner.output;
  const fault = body.branches.find((branch) => branch.fault !== undefined)?.fault;
  if (fault !== undefined) throw new Fault(failureFromJson(fault));
  return body.branches.map((branch) => branch.finished?.output ?? null);
}
