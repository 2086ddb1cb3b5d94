import type { Resource, SearchRequest } from "@stigmer/api";
import { pageSizeOf, readPageToken, writePageToken } from "../paging/page-token.ts";
import type { ReadConnection } from "../store/read-connection.ts";
import { REVISION_COLUMNS, type RevisionRow } from "./resource-rows.ts";
import { toResource } from "./to-resource.ts";

/** A page of what a search found, best first. */
export interface SearchPage {
  readonly hits: readonly { readonly resource: Resource; readonly snippet: string }[];
  readonly nextPageToken: string;
}

/** Deepest position that paging reaches; whoever needs more narrows the words. */
const MAX_OFFSET = 10_000;

/** A name counts ten times a word in the document, a label four times. */
const PAGE = `select ${REVISION_COLUMNS}, snippet(resource_fts, -1, '', '', '…', 12) as snippet
  from resource_fts f join resource r on r.no = f.rowid join revision v on v.resource = r.no and v.revision = r.revision
  where resource_fts match ? and (? = '' or r.kind = ?) and (? = '' or r.namespace = ?)
  order by bm25(resource_fts, 10.0, 4.0, 1.0), r.no limit ? offset ?`;

/** Full text search over names, labels and documents: all words must be found, the last may be the begin of one. */
export function searchResources(read: ReadConnection, request: SearchRequest): SearchPage {
  const { kind, namespace } = request;
  const match = toMatch(request.query);
  if (match === "") return { hits: [], nextPageToken: "" };
  const filter = { list: "search", query: request.query, kind, namespace };
  const [offset = 0] = readPageToken(request.pageToken, filter, ["number"]) ?? [];
  const size = pageSizeOf(request.pageSize);
  const rows = read.all<RevisionRow & { readonly snippet: string }>(
    PAGE,
    match,
    kind,
    kind,
    namespace,
    namespace,
    size + 1,
    offset,
  );
  const next = Number(offset) + size;
  const hasMore = rows.length > size && next <= MAX_OFFSET;
  return {
    hits: rows.slice(0, size).map((row) => ({ resource: toResource(row), snippet: row.snippet })),
    nextPageToken: hasMore ? writePageToken([next], filter) : "",
  };
}

/** Words become quoted strings, so that nothing of FTS5's own query language gets through. */
function toMatch(query: string): string {
  const words = query.match(/[\p{L}\p{N}_]+/gu) ?? [];
  return words.map((word, at) => `"${word}"${at === words.length - 1 ? "*" : ""}`).join(" ");
}
