import { DEFAULT_NAMESPACE, type ResourceRef, StigmerError } from "@stigmer/api";
import { latestVersion } from "@stigmer/dsl";
import type { ReadConnection } from "../store/read-connection.ts";

/** A revision of a resource with what the resource itself tells. */
export interface RevisionRow {
  readonly no: number;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  /** The newest revision; the etag belongs to it. */
  readonly current: number;
  readonly revision: number;
  readonly digest: string;
  readonly version: string;
  readonly labels: string;
  readonly annotations: string;
  readonly definition: string;
  readonly source: string;
  readonly at: number;
  readonly created_at: number;
  /** JSON text of the row of its schedule; null when it has none. */
  readonly schedule: string | null;
}

const SCHEDULE = `(select json_object('next_due_at', s.next_due_at, 'last_due_at', s.last_due_at,
  'last_execution', s.last_execution, 'last_error', s.last_error, 'listener', s.listener)
  from schedule s where s.resource = r.no)`;

/** Columns of a `RevisionRow`, from `resource r` joined with `revision v`. */
export const REVISION_COLUMNS = `r.no, r.kind, r.namespace, r.name, r.revision as current, v.revision, v.digest, v.version,
  v.labels, v.annotations, v.definition, v.source, v.at, r.created_at, ${SCHEDULE} as schedule`;

const NAMED = `select ${REVISION_COLUMNS} from resource r join revision v on v.resource = r.no
  where r.kind = ? and r.namespace = ? and r.name = ?`;

/** The part of a reference that selects a revision. */
export type RefParts = Pick<ResourceRef, "kind" | "namespace" | "name" | "version" | "revision">;

/**
 * The revision that a reference means: by number, by version, `latest`, else the newest. An empty namespace is `default`.
 *
 * @throws {StigmerError} RESOURCE_NOT_FOUND or REVISION_NOT_FOUND
 */
export function readRevision(read: ReadConnection, ref: RefParts): RevisionRow {
  const namespace = ref.namespace === "" ? DEFAULT_NAMESPACE : ref.namespace;
  const newest = findNewest(read, { ...ref, namespace });
  if (newest === undefined) {
    const message = `Cannot find ${ref.kind} "${namespace}/${ref.name}": it does not exist`;
    throw new StigmerError({ reason: "RESOURCE_NOT_FOUND", message });
  }
  const row = selectRevision(read, ref, newest);
  if (row === undefined) {
    const wanted = ref.revision > 0 ? `revision ${ref.revision}` : `version ${ref.version}`;
    const message = `Cannot find ${wanted} of ${ref.kind} "${namespace}/${ref.name}": there is no such revision`;
    throw new StigmerError({ reason: "REVISION_NOT_FOUND", message });
  }
  return row;
}

/** The newest revision of a resource, or undefined. */
export function findNewest(
  read: ReadConnection,
  key: { readonly kind: string; readonly namespace: string; readonly name: string },
): RevisionRow | undefined {
  return read.get<RevisionRow>(`${NAMED} and v.revision = r.revision`, key.kind, key.namespace, key.name);
}

/** A revision by the number of its resource, or undefined. */
export function findRevision(read: ReadConnection, resource: number, revision: number): RevisionRow | undefined {
  return read.get<RevisionRow>(
    `select ${REVISION_COLUMNS} from resource r join revision v on v.resource = r.no where r.no = ? and v.revision = ?`,
    resource,
    revision,
  );
}

function selectRevision(read: ReadConnection, ref: RefParts, newest: RevisionRow): RevisionRow | undefined {
  if (ref.revision > 0) return findRevision(read, newest.no, ref.revision);
  if (ref.version === "") return newest;
  const version = ref.version === "latest" ? newestVersion(read, newest.no) : ref.version;
  if (version === undefined) return newest;
  return read.get<RevisionRow>(
    `select ${REVISION_COLUMNS} from resource r join revision v on v.resource = r.no
     where r.no = ? and v.version = ? order by v.revision desc limit 1`,
    newest.no,
    version,
  );
}

function newestVersion(read: ReadConnection, resource: number): string | undefined {
  const rows = read.all<{ readonly version: string }>(
    "select distinct version from revision where resource = ?",
    resource,
  );
  return latestVersion(rows.map((row) => row.version));
}
