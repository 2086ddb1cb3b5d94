import type { Json, WorkflowDocument } from "@stigmer/dsl";
import { DeadlineError, type Durable } from "@stigmer/durable";
import { checkSchema } from "./check-schema.ts";
import { startOfList } from "./cursor.ts";
import { durationMs, type Evaluation, transform } from "./evaluation.ts";
import { standardFault } from "./fault.ts";
import { Directed, type Outcome } from "./frame.ts";
import { runList } from "./list.ts";
import type { Run } from "./run.ts";
import { drive, type Step, settled } from "./step.ts";
import { timeoutDuration } from "./timeout.ts";
import { notSupported } from "./unsupported.ts";
import { workflowVariables } from "./variables.ts";

/**
 * Runs a workflow through all its steps: input, tasks, output.
 *
 * @throws {Fault} with the reference of the task that raised it, or `/input`, `/output` and `/timeout` of the document
 */
export function* runWorkflow(run: Run): Step<Json> {
  if (!run.state.entered) yield* enter(run);
  const outcome = yield* runWithTimeout(run);
  const output = yield* shapeOutput(run, outcome instanceof Directed ? outcome.output : outcome);
  if (run.background.size > 0) yield* settled(Promise.all(run.background));
  return output;
}

function* enter(run: Run): Step<void> {
  requireSupport(run.definition);
  const rule = run.definition.input;
  yield* checkSchema(evaluation(run, run.rawInput, "input"), rule?.schema, {
    value: run.rawInput,
    what: "The workflow's input",
    instance: "/input",
  });
  const input =
    rule?.from === undefined ? run.rawInput : yield* transform(evaluation(run, run.rawInput, "input"), rule.from);
  run.state.entered = true;
  run.state.context = input;
  run.state.list = startOfList(input);
}

function requireSupport({ evaluate }: WorkflowDocument): void {
  if ((evaluate?.language ?? "jq") !== "jq") throw notSupported(`expressions in ${evaluate?.language}`, "/evaluate");
}

function* runWithTimeout(run: Run): Step<Outcome> {
  const { timeout } = run.definition;
  if (timeout === undefined) return yield* runTasks(run, run.durable);
  run.state.deadlineAtMs ??=
    run.startedAtMs + durationMs(evaluation(run, run.rawInput, "input"), timeoutDuration(run, timeout));
  const scope = { key: "/timeout", deadlineAtMs: run.state.deadlineAtMs };
  try {
    return yield* settled(run.durable.scope(scope, (durable) => drive(runTasks(run, durable))));
  } catch (error) {
    if (!(error instanceof DeadlineError) || error.key !== scope.key) throw error;
    throw standardFault({ error: "timeout", detail: "The workflow did not end in time", instance: "/timeout" });
  }
}

function runTasks(run: Run, durable: Durable): Step<Outcome> {
  const frame = { run, durable, variables: {}, quiet: false, kept: undefined, attempt: undefined, extended: undefined };
  return runList(frame, { list: run.definition.do, pointer: "/do", cursor: run.state.list });
}

function* shapeOutput(run: Run, raw: Json): Step<Json> {
  const rule = run.definition.output;
  const output = rule?.as === undefined ? raw : yield* transform(evaluation(run, raw, "output"), rule.as);
  yield* checkSchema(evaluation(run, output, "output"), rule?.schema, {
    value: output,
    what: "The workflow's output",
    instance: "/output",
  });
  return output;
}

function evaluation(run: Run, input: Json, place: "input" | "output"): Evaluation {
  return { run, durable: run.durable, pointer: `/${place}`, input, variables: workflowVariables(run, place) };
}
