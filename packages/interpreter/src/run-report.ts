import type { Json, JsonObject } from "@stigmer/dsl";
import { isObject, present, property } from "./json.ts";
import { lifecycleEvents } from "./lifecycle-events.ts";
import type { LoggedEvent, RunReportParams } from "./logged-event.ts";

/** One run of one task, as `stigmer run --json` prints it. */
export interface TaskReport {
  readonly name: string;
  readonly reference: string;
  readonly status: "running" | "completed" | "faulted" | "cancelled" | "skipped";
  /** ISO 8601. */
  readonly startedAt: string;
  readonly output?: Json;
  readonly error?: JsonObject;
}

/** The object that `stigmer run --json` prints. */
export interface RunReport {
  readonly id: string;
  readonly status: "completed" | "faulted" | "cancelled" | "running" | "suspended";
  readonly output?: Json;
  readonly error?: JsonObject;
  /** In start order; in long loops the first and last 100 iterations and every fault. */
  readonly tasks: readonly TaskReport[];
  /** CloudEvents that the workflow published. */
  readonly emitted: readonly Json[];
  /** CloudEvents about the run and its tasks. */
  readonly lifecycle: readonly JsonObject[];
}

/** Builds the report of a run from its event log, the same for local runs and for those of a server. */
export function runReport(log: readonly LoggedEvent[], params: RunReportParams): RunReport {
  const events = inTime(log).map((event) => completed(event, params));
  return {
    id: params.id,
    ...endOf(events),
    tasks: taskReports(events),
    emitted: events.flatMap((event) => (event.type === "event.emitted" ? [property(event.data, "event") ?? null] : [])),
    lifecycle: lifecycleEvents(events, params),
  };
}

/** Lines of long loops may be told late; they carry their own time (`data.atMs`). */
function inTime(log: readonly LoggedEvent[]): readonly LoggedEvent[] {
  if (!log.some(({ data }) => typeof property(data, "atMs") === "number")) return log;
  const timed = log.map((event) => {
    const atMs = property(event.data, "atMs");
    return typeof atMs === "number" ? { ...event, atMs } : event;
  });
  return timed.sort((a, b) => a.atMs - b.atMs);
}

/** The final line of the log with the output or error that belongs to it. */
function completed(event: LoggedEvent, { end }: RunReportParams): LoggedEvent {
  const member = END_MEMBER.get(event.type);
  const value = member === undefined ? undefined : (property(event.data, member) ?? end?.[member]);
  return member === undefined || value === undefined ? event : { ...event, data: { [member]: value } };
}

const END_MEMBER: ReadonlyMap<string, "output" | "error"> = new Map([
  ["execution.completed", "output"],
  ["execution.faulted", "error"],
]);

function endOf(events: readonly LoggedEvent[]): Pick<RunReport, "status" | "output" | "error"> {
  const end = events.findLast((event) => END_STATUS.has(event.type));
  if (end === undefined) return { status: isSuspended(events) ? "suspended" : "running" };
  const status = END_STATUS.get(end.type) ?? "running";
  const output = property(end.data, "output");
  const error = property(end.data, "error");
  if (status === "completed") return { status, output: output ?? null };
  return status === "faulted" && isObject(error) ? { status, error } : { status };
}

/** The last word about it counts. */
function isSuspended(events: readonly LoggedEvent[]): boolean {
  const last = events.findLast(({ type }) => type === "execution.resumed" || SUSPENDING.has(type));
  return last !== undefined && SUSPENDING.has(last.type);
}

const SUSPENDING: ReadonlySet<string> = new Set(["execution.paused", "execution.suspended"]);

const END_STATUS: ReadonlyMap<string, "completed" | "faulted" | "cancelled"> = new Map([
  ["execution.completed", "completed"],
  ["execution.faulted", "faulted"],
  ["execution.cancelled", "cancelled"],
]);

const TASK_STATUS: ReadonlyMap<string, TaskReport["status"]> = new Map([
  ["task.started", "running"],
  ["task.completed", "completed"],
  ["task.faulted", "faulted"],
  ["task.cancelled", "cancelled"],
  ["task.skipped", "skipped"],
]);

function taskReports(events: readonly LoggedEvent[]): TaskReport[] {
  const reports = new Map<string, TaskReport>();
  for (const event of events) {
    const status = TASK_STATUS.get(event.type);
    if (status === undefined) continue;
    const name = String(property(event.data, "name"));
    const reference = String(property(event.data, "reference"));
    const key = `${reference}#${String(property(event.data, "run"))}`;
    const error = property(event.data, "error");
    const known = reports.get(key);
    reports.set(key, {
      name,
      reference,
      status,
      startedAt: known?.startedAt ?? new Date(event.atMs).toISOString(),
      ...present({ output: property(event.data, "output"), error: isObject(error) ? error : undefined }),
    });
  }
  return [...reports.values()];
}
