import type { Schedule } from "@stigmer/dsl";
import type { ExecutionSpec } from "../engine/execution-spec.ts";
import { type PinnedDefinition, pinWorkflow } from "../executions/pin-definition.ts";
import { fromRevision } from "../executions/start-execution.ts";
import type { JsonObject } from "../resources/manifest.ts";
import { digestOf } from "../resources/request-digest.ts";
import { REVISION_COLUMNS, type RevisionRow } from "../resources/resource-rows.ts";
import type { ReadConnection } from "../store/read-connection.ts";
import { listenerDocument } from "./listener-document.ts";

/** Label of a run that a schedule started: the moment it was due, by RFC 3339. */
const SCHEDULED_LABEL = "stigmer.ai/scheduled-at";
/** Label of the execution that waits for the events of a schedule. */
const LISTENER_LABEL = "stigmer.ai/schedule-listener";

/**
 * A run of the newest revision; undefined when the workflow is gone.
 *
 * @throws {StigmerError} ENVIRONMENT_NOT_FOUND, SECRET_MISSING
 */
export function pinRun(read: ReadConnection, resource: number, dueAtMs: number): ExecutionSpec | undefined {
  const row = newestOf(read, resource);
  if (row === undefined) return undefined;
  const labels = { [SCHEDULED_LABEL]: new Date(dueAtMs).toISOString() };
  return pinWorkflow(read, fromRevision(row), {}, { environment: "", labels, subflows: [] });
}

/** The execution that waits for the events of a schedule; undefined when the workflow is gone. Errors as `pinRun`. */
export function pinListener(read: ReadConnection, resource: number, schedule: Schedule): ExecutionSpec | undefined {
  const row = newestOf(read, resource);
  if (row === undefined) return undefined;
  const document: JsonObject = JSON.parse(row.definition);
  const definition = JSON.stringify(listenerDocument(document, schedule));
  const pinned: PinnedDefinition = { ...fromRevision(row), digest: digestOf(definition), definition };
  const labels = { [LISTENER_LABEL]: `${row.namespace}/${row.name}` };
  return pinWorkflow(read, pinned, {}, { environment: "", labels, subflows: [] });
}

function newestOf(read: ReadConnection, resource: number): RevisionRow | undefined {
  return read.get<RevisionRow>(
    `select ${REVISION_COLUMNS} from resource r join revision v on v.resource = r.no and v.revision = r.revision
     where r.no = ?`,
    resource,
  );
}
