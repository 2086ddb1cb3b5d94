import type { Json } from "@stigmer/dsl";
import { type Durable, DurableFailure, type DurableProgram } from "@stigmer/durable";
import { type RunState, startOfList } from "./cursor.ts";
import { stateFromJson } from "./cursor-from-json.ts";
import { stateToJson } from "./cursor-to-json.ts";
import { planExtensions } from "./extensions.ts";
import { faultOf } from "./fault.ts";
import { readProgramInput, type WorkflowProgramInput } from "./input.ts";
import { present } from "./json.ts";
import { runList } from "./list.ts";
import { createPlanner } from "./plan.ts";
import { DEFAULT_MAX_PURE_STEPS } from "./progress.ts";
import type { Run } from "./run.ts";
import { drive } from "./step.ts";
import { TASKS } from "./tasks/registry.ts";
import { dateTime } from "./variables.ts";
import { runWorkflow } from "./workflow.ts";

/** How the workflow program runs. */
export interface WorkflowProgramOptions {
  /** Tasks and iterations allowed between two answers of the world; default 1,000,000. */
  readonly maxPureSteps?: number;
}

/** Runs a workflow document: input is a `WorkflowProgramInput`, output the workflow's output. */
export const workflowProgram: DurableProgram = createWorkflowProgram({});

/**
 * Makes a workflow program.
 *
 * The program throws DurableFailure with the error object (RFC 9457, `instance` points into the document) when the
 * workflow faults. A run that takes more than `maxPureSteps` steps (tasks and iterations) without an answer of the world
 * faults with a `runtime` error titled "no progress", which no `try` catches.
 */
export function createWorkflowProgram({
  maxPureSteps = DEFAULT_MAX_PURE_STEPS,
}: WorkflowProgramOptions): DurableProgram {
  return async (durable, json, restored) => {
    try {
      const input = readProgramInput(json);
      const state = restored === undefined ? firstState() : stateFromJson(restored);
      return await drive(runWorkflow(createRun({ durable, input, state, maxPureSteps })));
    } catch (error) {
      const fault = faultOf(error, "/");
      throw fault === undefined ? error : new DurableFailure(fault.problem, { cause: error });
    }
  };
}

function firstState(): RunState {
  return {
    v: 1,
    entered: false,
    context: null,
    steps: 0,
    restedAt: 0,
    runs: new Map(),
    resources: new Map(),
    list: startOfList(null),
  };
}

interface CreateRunParams {
  readonly durable: Durable;
  readonly input: WorkflowProgramInput;
  readonly state: RunState;
  readonly maxPureSteps: number;
}

function createRun({ durable, input, state, maxPureSteps }: CreateRunParams): Run {
  const { definition, execution, runtime } = input;
  return {
    definition,
    rawInput: input.input,
    durable,
    state,
    workflow: {
      id: execution.id,
      definition: definition as Json,
      input: input.input,
      startedAt: dateTime(execution.startedAtMs),
    },
    runtime: present({ name: runtime.name, version: runtime.version, metadata: runtime.metadata }),
    startedAtMs: execution.startedAtMs,
    rewrite: input.rewrite ?? [],
    usesSecrets: JSON.stringify(definition).includes("$secrets"),
    evaluate: { mode: definition.evaluate?.mode ?? "strict" },
    strictSecrets: input.strictSecrets === true,
    tasks: TASKS,
    runList,
    extensions: planExtensions(definition),
    plan: createPlanner(),
    offerState: () => stateToJson(state),
    allEvents: input.events === "all",
    maxPureSteps,
    background: new Set(),
  };
}
