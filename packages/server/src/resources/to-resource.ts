import { create, type JsonObject, type MessageInitShape } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { API_VERSION, type Resource, ResourceSchema } from "@stigmer/api";
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
    },
  };
  return create(ResourceSchema, init);
}

/** Reads a JSON object that we wrote ourselves. */
export function parseObject(text: string): JsonObject {
  return JSON.parse(text) as JsonObject;
}
