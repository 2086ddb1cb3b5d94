import { type Timestamp, timestampDate } from "@bufbuild/protobuf/wkt";
import type { Resource, ScheduleStatus } from "@stigmer/api";

/** What a schedule does next, in one word or moment; `-` without a schedule. */
export function nextStart({ status }: Resource): string {
  const schedule = status?.schedule;
  if (schedule === undefined) return "-";
  if (schedule.nextDueAt !== undefined) return moment(schedule.nextDueAt);
  return schedule.listenerId === "" ? "after the run" : "on events";
}

/** Lines about the schedule of a workflow, none without one. */
export function scheduleLines(resource: Resource): readonly string[] {
  const schedule = resource.status?.schedule;
  if (schedule === undefined) return [];
  return [`next run   ${nextStart(resource)}`, ...pastLines(schedule)];
}

function pastLines({ lastDueAt, lastExecutionId, lastError, listenerId }: ScheduleStatus): readonly string[] {
  return [
    ...(lastDueAt === undefined ? [] : [`last run   ${moment(lastDueAt)} ${lastExecutionId}`.trimEnd()]),
    ...(lastError === "" ? [] : [`error      ${lastError}`]),
    ...(listenerId === "" ? [] : [`listener   ${listenerId}`]),
  ];
}

function moment(at: Timestamp): string {
  return timestampDate(at).toISOString();
}
