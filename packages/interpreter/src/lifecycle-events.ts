import type { Json, JsonObject } from "@stigmer/dsl";
import { isObject, present, property } from "./json.ts";
import type { LoggedEvent, RunReportParams } from "./logged-event.ts";

/** What a line of the event log becomes: the phase of a workflow or task, and the member that carries its time. */
interface Lifecycle {
  readonly subject: "workflow" | "task";
  readonly phase: string;
  readonly timeMember: string;
}

/** A phase together with the line that it comes from, and the task that it is about. */
interface LifecycleLine {
  readonly lifecycle: Lifecycle;
  readonly event: LoggedEvent;
  readonly task?: Json;
}

const LIFECYCLES: ReadonlyMap<string, readonly Lifecycle[]> = new Map([
  ["execution.started", phasesOf("workflow", "started")],
  ["execution.suspended", phasesOf("workflow", "suspended")],
  ["execution.paused", phasesOf("workflow", "suspended")],
  ["execution.resumed", phasesOf("workflow", "resumed")],
  ["execution.completed", phasesOf("workflow", "completed")],
  ["execution.faulted", phasesOf("workflow", "faulted")],
  ["execution.cancelled", phasesOf("workflow", "cancelled")],
  ["task.started", phasesOf("task", "created", "started")],
  ["task.retried", phasesOf("task", "retried")],
  ["task.completed", phasesOf("task", "completed")],
  ["task.faulted", phasesOf("task", "faulted")],
  ["task.cancelled", phasesOf("task", "cancelled")],
  ["task.correlated", [{ subject: "workflow", phase: "correlation-completed", timeMember: "completedAt" }]],
]);

const CORRELATION_STARTED: Lifecycle = { subject: "workflow", phase: "correlation-started", timeMember: "startedAt" };

function phasesOf(subject: Lifecycle["subject"], ...phases: readonly string[]): readonly Lifecycle[] {
  return phases.map((phase) => ({ subject, phase, timeMember: `${phase}At` }));
}

/**
 * The lifecycle CloudEvents of a run. Their ids derive from the execution's, so that the same log gives the same events.
 *
 * When a run is suspended or resumed, so is every task that is at work then. Listening tasks give the two events of
 * correlation. The two optional events of a changed status are left out.
 *
 * @see DSL 1.0.3, "Lifecycle Events"
 */
export function lifecycleEvents(events: readonly LoggedEvent[], params: RunReportParams): JsonObject[] {
  const { namespace, name } = params.document;
  return linesOf(events).map((line, index) => ({
    specversion: "1.0",
    id: `${params.id}-${index + 1}`,
    source: `/${namespace}/${name}/${params.document.version}`,
    type: `io.serverlessworkflow.${line.lifecycle.subject}.${line.lifecycle.phase}.v1`,
    time: new Date(line.event.atMs).toISOString(),
    subject: params.id,
    data: dataOf(line, params),
  }));
}

function linesOf(events: readonly LoggedEvent[]): readonly LifecycleLine[] {
  const atWork = new Map<string, Json>();
  return events.flatMap((event) => {
    noteTask(atWork, event);
    const own = (LIFECYCLES.get(event.type) ?? []).map((lifecycle): LifecycleLine => ({ lifecycle, event }));
    const others = othersOf(event, own[0]?.lifecycle.phase, [...atWork.values()]);
    return [...own, ...others];
  });
}

function noteTask(atWork: Map<string, Json>, { type, data }: LoggedEvent): void {
  const reference = property(data, "reference");
  if (reference === undefined) return;
  const run = `${String(reference)}#${String(property(data, "run"))}`;
  if (type === "task.started") atWork.set(run, reference);
  if (type === "task.completed" || type === "task.faulted" || type === "task.cancelled") atWork.delete(run);
}

/** What a line says beyond its own phase. */
function othersOf(event: LoggedEvent, phase: string | undefined, atWork: readonly Json[]): readonly LifecycleLine[] {
  if (event.type === "task.waiting" && property(event.data, "for") === "events")
    return [{ lifecycle: CORRELATION_STARTED, event }];
  if (phase !== "suspended" && phase !== "resumed") return [];
  return atWork.flatMap((task) => phasesOf("task", phase).map((lifecycle) => ({ lifecycle, event, task })));
}

function dataOf({ lifecycle, event, task }: LifecycleLine, { id, document }: RunReportParams): JsonObject {
  const { namespace, name, version } = document;
  const qualifiedName = `${name}-${id}.${namespace}`;
  const time: Json = new Date(event.atMs).toISOString();
  const result = {
    output: lifecycle.phase === "completed" ? property(event.data, "output") : undefined,
    error: lifecycle.phase === "faulted" ? property(event.data, "error") : undefined,
  };
  if (lifecycle.subject === "task") {
    const reference = task ?? property(event.data, "reference");
    return present({ workflow: qualifiedName, task: reference, [lifecycle.timeMember]: time, ...result });
  }
  const definition = lifecycle.phase === "started" ? { namespace, name, version } : undefined;
  const keys = lifecycle.phase === "correlation-completed" ? property(event.data, "keys") : undefined;
  const correlationKeys = isObject(keys) ? keys : undefined;
  return present({ name: qualifiedName, definition, [lifecycle.timeMember]: time, correlationKeys, ...result });
}
