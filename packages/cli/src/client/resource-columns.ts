import { type JsonObject, toJson } from "@bufbuild/protobuf";
import { type Timestamp, timestampDate } from "@bufbuild/protobuf/wkt";
import { type Execution, ExecutionSchema, Phase, type Resource, ResourceSchema } from "@stigmer/api";
import type { Column } from "../print.ts";
import { nextStart } from "./schedule-lines.ts";

/** Columns of a list of resources. */
export const RESOURCE_COLUMNS: readonly Column<Resource>[] = [
  { title: "KIND", value: (row) => row.kind },
  { title: "NAME", value: resourceName },
  { title: "VERSION", value: (row) => row.status?.version || "-" },
  { title: "REVISION", value: (row) => String(row.status?.revision ?? 0) },
  { title: "UPDATED", value: (row) => age(row.status?.updatedAt) },
  { title: "NEXT", value: nextStart, isWide: true },
  { title: "DIGEST", value: (row) => row.status?.digest ?? "", isWide: true },
  { title: "LABELS", value: (row) => labels(row.metadata?.labels ?? {}), isWide: true },
];

/** Columns of a list of executions. */
export const EXECUTION_COLUMNS: readonly Column<Execution>[] = [
  { title: "ID", value: (row) => row.id },
  { title: "KIND", value: (row) => row.target?.kind ?? "" },
  { title: "NAME", value: (row) => `${row.target?.namespace}/${row.target?.name}` },
  { title: "PHASE", value: (row) => phaseWord(row.phase) },
  { title: "STARTED", value: (row) => age(row.createdAt) },
  { title: "TOOK", value: took },
  { title: "REASON", value: (row) => row.reason },
  { title: "SESSION", value: (row) => row.sessionId || "-", isWide: true },
  { title: "PARENT", value: (row) => row.parentId || "-", isWide: true },
];

/** `namespace/name`. */
export function resourceName(resource: Resource): string {
  return `${resource.metadata?.namespace}/${resource.metadata?.name}`;
}

/** A resource as the API's JSON. */
export function resourceData(resource: Resource): unknown {
  return toJson(ResourceSchema, resource);
}

/** An execution as the API's JSON, its phase in one lower-case word. */
export function executionData(execution: Execution): JsonObject {
  const data = toJson(ExecutionSchema, execution);
  const members = typeof data === "object" && data !== null && !Array.isArray(data) ? data : {};
  return { ...members, phase: phaseWord(execution.phase) };
}

/** `completed`, `faulted` and so on. */
export function phaseWord(phase: Phase): string {
  const name = Object.entries(Phase).find(([, value]) => value === phase)?.[0];
  return name?.toLowerCase() ?? "unknown";
}

/** True for phases that nothing changes any more. */
export function isFinalPhase(phase: Phase): boolean {
  return phase === Phase.COMPLETED || phase === Phase.FAULTED || phase === Phase.CANCELLED;
}

/** How long ago, in its greatest unit: `5m`. */
export function age(time: Timestamp | undefined): string {
  return time === undefined ? "-" : duration(Date.now() - timestampDate(time).getTime());
}

function took(execution: Execution): string {
  if (!execution.createdAt || !execution.endedAt) return "-";
  return duration(timestampDate(execution.endedAt).getTime() - timestampDate(execution.createdAt).getTime());
}

function duration(ms: number): string {
  if (ms < 1_000) return `${Math.max(0, Math.round(ms))}ms`;
  const units = [
    ["d", 86_400_000],
    ["h", 3_600_000],
    ["m", 60_000],
  ] as const;
  const unit = units.find(([, size]) => ms >= size);
  return unit ? `${Math.floor(ms / unit[1])}${unit[0]}` : `${Math.floor(ms / 1_000)}s`;
}

function labels(all: Readonly<Record<string, string>>): string {
  return Object.entries(all)
    .map(([name, value]) => `${name}=${value}`)
    .join(",");
}
