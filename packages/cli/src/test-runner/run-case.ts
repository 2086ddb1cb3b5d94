import { agentProgram } from "@stigmer/agent-loop";
import type { DocumentHeader, Json, WorkflowDocument } from "@stigmer/dsl";
import { createMemoryHost, type LogEvent, type MemoryExecution, type MemoryHost, VirtualClock } from "@stigmer/durable";
import { runReport, workflowProgram } from "@stigmer/interpreter";
import type { CaseRun } from "./case-run.ts";
import { createDecisionDesk, type DecisionDesk } from "./deliver-decisions.ts";
import { deliverEvents } from "./deliver-events.ts";
import type { LoadedTest } from "./loaded-test-file.ts";
import { isMap } from "./match-json.ts";
import { withMockedChildren } from "./mock-children.ts";
import { createTestWorld, type TestWorld } from "./test-world.ts";

/** Real time that one run of a test may take, ms. */
const REAL_LIMIT_MS = 30_000;
/** Virtual time after which nothing will come any more: a thousand years. */
const FOREVER_MS = 1_000 * 365 * 86_400_000;

/** How often a run is killed and replayed. */
export interface ChaosParams {
  readonly seed: number;
  /** Chance per group of journal entries, 0 to 1. */
  readonly rate: number;
}

/** Event logs and documents of the executions of a test, by their ids. */
interface Records {
  readonly logs: Map<string, LogEvent[]>;
  readonly documents: Map<string, WorkflowDocument>;
}

/** Runs one test on the memory host in virtual time. */
export async function runCase(test: LoadedTest, chaos?: ChaosParams): Promise<CaseRun> {
  const clock = new VirtualClock();
  const world = createTestWorld(test, clock);
  const records: Records = { logs: new Map(), documents: new Map() };
  const desk = createDecisionDesk(test.spec.decisions ?? [], clock);
  const host = createHost(world, { clock, records, desk, chaos });
  const isAgent = test.of.main.kind === "Agent";
  const id = `${isAgent ? "aex" : "wex"}_${"1".padStart(26, "0")}`;
  const turn = isAgent ? turnOf(test) : test.input;
  const start = world.definitions.start(world.main, world.withWorkspace(turn), { id, startedAtMs: clock.now() });
  if ("type" in start) throw new TypeError(start.detail ?? start.type);
  remember(records, id, start.input);
  const stopEvents = deliverEvents({ host, clock, events: test.spec.events ?? [] });
  const execution = host.start({ ...start, id });
  try {
    const end = await endOf(execution, clock);
    const events = [...execution.events];
    return {
      status: end === "ended" ? statusOf(execution) : "waiting",
      report: runReport(events, { id, document: headerOf(test, records.documents.get(id)) }),
      durationMs: (events.at(-1)?.atMs ?? 0) - (events[0]?.atMs ?? 0),
      works: world.works,
      emitted: [...host.emitted],
      refusals: [...world.refusals, ...(end === "late" ? [`It did not end within ${REAL_LIMIT_MS / 1000} s`] : [])],
      logs: [...records.logs].map(([key, log]) => ({ document: records.documents.get(key), events: [...log] })),
    };
  } finally {
    stopEvents();
    for (const key of records.logs.keys()) host.find(key)?.cancel();
    world.close();
  }
}

interface HostParts {
  readonly clock: VirtualClock;
  readonly records: Records;
  readonly desk: DecisionDesk;
  readonly chaos: ChaosParams | undefined;
}

function createHost(world: TestWorld, { clock, records, desk, chaos }: HostParts): MemoryHost {
  const host: MemoryHost = createMemoryHost({
    programs: {
      workflow: withMockedChildren(workflowProgram, world.isMockedChild),
      agent: withMockedChildren(agentProgram, world.isMockedChild),
    },
    clock,
    settle: (done) => void setImmediate(done),
    runEffect: world.runEffect,
    resolveChild: (request, child) => {
      const start = world.definitions.resolveChild({ ...request, input: world.withWorkspace(request.input) }, child);
      if (!("type" in start)) remember(records, child.id, start.input);
      return start;
    },
    onEvent: (executionId, event) => {
      const log = records.logs.get(executionId) ?? [];
      records.logs.set(executionId, log);
      log.push(event);
      desk.onEvent(host, executionId, event);
      if (event.type !== "execution.completed" || !isMap(event.data)) return;
      world.definitions.sessions.learn(event.data.output ?? null);
    },
    // Every second seed also goes on from snapshots, not only from the whole journal.
    ...(chaos === undefined
      ? {}
      : { chaos, ...(chaos.seed % 2 === 0 ? {} : { wantsSnapshot: ({ entries }) => entries > 0 }) }),
  });
  return host;
}

function turnOf({ spec, input }: LoadedTest): Json {
  return {
    message: spec.message ?? "",
    ...(input === null ? {} : { data: input }),
    ...(spec.workspace === undefined ? {} : { workspace: spec.workspace }),
  };
}

/** Ends with the execution, when nothing can come any more, or when it takes too much real time. */
function endOf(execution: MemoryExecution, clock: VirtualClock): Promise<"ended" | "waiting" | "late"> {
  return new Promise((done) => {
    const limit = setTimeout(() => done("late"), REAL_LIMIT_MS);
    const disarm = clock.setHostTimer(clock.now() + FOREVER_MS, () => {
      // The clock may jump in the same turn in which the execution ends: its end comes first.
      setImmediate(() => {
        clearTimeout(limit);
        done("waiting");
      });
    });
    void execution.ended.then(() => {
      clearTimeout(limit);
      disarm();
      done("ended");
    });
  });
}

function statusOf(execution: MemoryExecution): CaseRun["status"] {
  const last = execution.events.at(-1)?.type;
  if (last === "execution.completed") return "completed";
  return last === "execution.cancelled" ? "cancelled" : "faulted";
}

function remember({ documents }: Records, id: string, input: Json): void {
  const definition = isMap(input) ? input.definition : undefined;
  // The program's input holds the document that was validated when it was loaded.
  if (isMap(definition) && isMap(definition.document)) documents.set(id, definition as unknown as WorkflowDocument);
}

function headerOf({ of }: LoadedTest, document: WorkflowDocument | undefined): DocumentHeader {
  const { namespace, name } = of.main;
  return document?.document ?? { dsl: "1.0.3", namespace, name, version: "" };
}
