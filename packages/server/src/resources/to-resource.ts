import { create, type JsonObject, type MessageInitShape } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { API_VERSION, type Resource, ResourceSchema, type ScheduleStatusSchema } from "@stigmer/api";
import { etagOf } from "../store/commands-resources.ts";
import type { RevisionRow } from "./resource-rows.ts";

/** A revision as the API shows it. Its etag is the resource's: it guards the next write, whichever revision was read. */
export function toResource(row: RevisionRow): Resource {
  const init: MessageInitShape<typeof ResourceSchema> = {
    apiVersion: API_VERSION,
    kind: row.kind,
    metadata: {
      namespace: row.namespace,
      name: row.name,
      labels: parseObject(row.labels) as Record<string, string>,
      annotations: parseObject(row.annotations) as Record<string, string>,
    },
    spec: parseObject(row.definition),
    status: {
      revision: row.revision,
      digest: row.digest,
      etag: etagOf(row.no, row.current),
      version: row.version,
      createdAt: timestampFromMs(row.created_at),
      updatedAt: timestampFromMs(row.at),
      ...(row.schedule === null ? {} : { schedule: toSchedule(JSON.parse(row.schedule)) }),
    },
  };
  return create(ResourceSchema, init);
}

interface ScheduleRow {
  readonly next_due_at: number | null;
  readonly last_due_at: number | null;
  readonly last_execution: string;
  readonly last_error: string;
  readonly listener: string;
}

function toSchedule(row: ScheduleRow): MessageInitShape<typeof ScheduleStatusSchema> {
  return {
    ...(row.next_due_at === null ? {} : { nextDueAt: timestampFromMs(row.next_due_at) }),
    ...(row.last_due_at === null ? {} : { lastDueAt: timestampFromMs(row.last_due_at) }),
    lastExecutionId: row.last_execution,
    lastError: row.last_error,
    listenerId: row.listener,
  };
}

/** Reads a JSON object that we wrote ourselves. */
export function parseObject(text: string): JsonObject {
  return JSON.parse(text) as JsonObject;
}
