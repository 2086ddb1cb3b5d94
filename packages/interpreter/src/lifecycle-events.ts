import type { Json, JsonObject } from "@stigmer/dsl";
import { present, property } from "./json.ts";
import type { LoggedEvent, RunReportParams } from "./logged-event.ts";

/** What a line of the event log becomes: the phase of a workflow or task, and the member that carries its time. */
interface Lifecycle {
  readonly subject: "workflow" | "task";
  readonly phase: string;
  readonly timeMember: string;
}

const LIFECYCLES: ReadonlyMap<string, readonly Lifecycle[]> = new Map([
  ["execution.started", lifecycle("workflow", "started")],
  ["execution.suspended", lifecycle("workflow", "suspended")],
  ["execution.paused", lifecycle("workflow", "suspended")],
  ["execution.resumed", lifecycle("workflow", "resumed")],
  ["execution.completed", lifecycle("workflow", "completed")],
  ["execution.faulted", lifecycle("workflow", "faulted")],
  ["execution.cancelled", lifecycle("workflow", "cancelled")],
  ["task.started", lifecycle("task", "created", "started")],
  ["task.retried", lifecycle("task", "retried")],
  ["task.completed", lifecycle("task", "completed")],
  ["task.faulted", lifecycle("task", "faulted")],
  ["task.cancelled", lifecycle("task", "cancelled")],
]);

function lifecycle(subject: Lifecycle["subject"], ...phases: readonly string[]): readonly Lifecycle[] {
  return phases.map((phase) => ({ subject, phase, timeMember: `${phase}At` }));
}

/**
 * The lifecycle CloudEvents of a run. Their ids derive from the execution's, so that the same log gives the same events.
 *
 * @see DSL 1.0.3, "Lifecycle Events"
 */
export function lifecycleEvents(events: readonly LoggedEvent[], params: RunReportParams): JsonObject[] {
  const { namespace, name } = params.document;
  return events
    .flatMap((event) => (LIFECYCLES.get(event.type) ?? []).map((lifecycle) => ({ lifecycle, event })))
    .map(({ lifecycle, event }, index) => ({
      specversion: "1.0",
      id: `${params.id}-${index + 1}`,
      source: `/${namespace}/${name}/${params.document.version}`,
      type: `io.serverlessworkflow.${lifecycle.subject}.${lifecycle.phase}.v1`,
      time: new Date(event.atMs).toISOString(),
      subject: params.id,
      data: dataOf(event, lifecycle, params),
    }));
}

function dataOf(event: LoggedEvent, lifecycle: Lifecycle, { id, document }: RunReportParams): JsonObject {
  const { namespace, name, version } = document;
  const qualifiedName = `${name}-${id}.${namespace}`;
  const time: Json = new Date(event.atMs).toISOString();
  const result = {
    output: lifecycle.phase === "completed" ? property(event.data, "output") : undefined,
    error: lifecycle.phase === "faulted" ? property(event.data, "error") : undefined,
  };
  if (lifecycle.subject === "task") {
    const task = property(event.data, "reference");
    return present({ workflow: qualifiedName, task, [lifecycle.timeMember]: time, ...result });
  }
  const definition = lifecycle.phase === "started" ? { namespace, name, version } : undefined;
  return present({ name: qualifiedName, definition, [lifecycle.timeMember]: time, ...result });
}
