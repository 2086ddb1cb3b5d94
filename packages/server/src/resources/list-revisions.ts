import type { ListRevisionsRequest } from "@stigmer/api";
import { pageSizeOf, readPageToken, writePageToken } from "../paging/page-token.ts";
import type { ReadConnection } from "../store/read-connection.ts";
import type { ResourcePage } from "./list-resources.ts";
import { REVISION_COLUMNS, type RefParts, type RevisionRow, readRevision } from "./resource-rows.ts";
import { toResource } from "./to-resource.ts";

const PAGE = `select ${REVISION_COLUMNS} from resource r join revision v on v.resource = r.no
  where r.no = ? and v.revision < ? order by v.revision desc limit ?`;

/**
 * Revisions of one resource, the newest first.
 *
 * @throws {StigmerError} RESOURCE_NOT_FOUND
 */
export function listRevisions(read: ReadConnection, ref: RefParts, request: ListRevisionsRequest): ResourcePage {
  const resource = readRevision(read, { ...ref, version: "", revision: 0 });
  const filter = { list: "revisions", resource: resource.no };
  const [before = Number.MAX_SAFE_INTEGER] = readPageToken(request.pageToken, filter, ["number"]) ?? [];
  const size = pageSizeOf(request.pageSize);
  const rows = read.all<RevisionRow>(PAGE, resource.no, before, size + 1);
  const page = rows.slice(0, size);
  const last = page.at(-1);
  const isLast = rows.length <= size || last === undefined;
  return { resources: page.map(toResource), nextPageToken: isLast ? "" : writePageToken([last.revision], filter) };
}
