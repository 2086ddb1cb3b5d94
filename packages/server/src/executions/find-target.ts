import { type ResourceRef, StigmerError } from "@stigmer/api";
import { type RevisionRow, readRevision } from "../resources/resource-rows.ts";
import type { ReadConnection } from "../store/read-connection.ts";

interface Candidate {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
}

const RUNNABLE = `select kind, namespace, name from resource
  where name = ? and kind in ('Workflow', 'Agent') and (? = '' or kind = ?) and (? = '' or namespace = ?)
  order by kind desc, namespace`;

/**
 * The revision to run. A name without namespace or kind must be the only one of that name.
 *
 * @throws {StigmerError} RESOURCE_NOT_FOUND, REVISION_NOT_FOUND, AMBIGUOUS_NAME with the candidates
 */
export function findTarget(read: ReadConnection, ref: ResourceRef): RevisionRow {
  const { kind, namespace, name } = ref;
  if (kind !== "" && kind !== "Workflow" && kind !== "Agent") {
    const message = `Cannot run ${kind} "${name}": only workflows and agents run`;
    throw new StigmerError({ reason: "INVALID_REQUEST", message, hint: "name a workflow or an agent" });
  }
  const found = read.all<Candidate>(RUNNABLE, name, kind, kind, namespace, namespace);
  const [only, ...others] = found;
  if (only === undefined) {
    const subject = `${kind === "" ? "" : `${kind} `}"${namespace === "" ? "" : `${namespace}/`}${name}"`;
    const message = `Cannot run ${subject}: no ${kind === "" ? "workflow or agent" : "such resource"} has this name`;
    throw new StigmerError({ reason: "RESOURCE_NOT_FOUND", message });
  }
  if (others.length > 0) throw ambiguous(name, found);
  return readRevision(read, { ...only, version: ref.version, revision: ref.revision });
}

function ambiguous(name: string, found: readonly Candidate[]): StigmerError {
  const candidates = found.map((one) => `${one.kind} ${one.namespace}/${one.name}`);
  return new StigmerError({
    reason: "AMBIGUOUS_NAME",
    message: `Cannot run "${name}": ${found.length} resources have this name`,
    details: { metadata: { candidates: candidates.join(", ") } },
  });
}
