import type { ListRequest, Resource } from "@stigmer/api";
import { pageSizeOf, readPageToken, writePageToken } from "../paging/page-token.ts";
import type { ReadConnection } from "../store/read-connection.ts";
import { REVISION_COLUMNS, type RevisionRow } from "./resource-rows.ts";
import { toResource } from "./to-resource.ts";

/** A page of resources, and the token of the next page or "". */
export interface ResourcePage {
  readonly resources: Resource[];
  readonly nextPageToken: string;
}

/** Every wanted label must be there with its value; `[]` wants none. */
const HAS_LABELS = `not exists (select 1 from json_each(?) w where not exists
  (select 1 from json_each(v.labels) h where h.key = w.key and h.value = w.value))`;

const PAGE = `select ${REVISION_COLUMNS} from resource r join revision v on v.resource = r.no and v.revision = r.revision
  where (? = '' or r.kind = ?) and (? = '' or r.namespace = ?) and ${HAS_LABELS}
    and (r.kind, r.namespace, r.name) > (?, ?, ?)
  order by r.kind, r.namespace, r.name limit ?`;

/** The newest revisions of resources in the order of kind, namespace and name. */
export function listResources(read: ReadConnection, request: ListRequest): ResourcePage {
  const { kind, namespace, labels } = request;
  const filter = { list: "resources", kind, namespace, labels };
  const [afterKind = "", afterNamespace = "", afterName = ""] =
    readPageToken(request.pageToken, filter, ["string", "string", "string"]) ?? [];
  const size = pageSizeOf(request.pageSize);
  const rows = read.all<RevisionRow>(
    PAGE,
    kind,
    kind,
    namespace,
    namespace,
    JSON.stringify(labels),
    afterKind,
    afterNamespace,
    afterName,
    size + 1,
  );
  const page = rows.slice(0, size);
  const last = page.at(-1);
  const isLast = rows.length <= size || last === undefined;
  return {
    resources: page.map(toResource),
    nextPageToken: isLast ? "" : writePageToken([last.kind, last.namespace, last.name], filter),
  };
}
