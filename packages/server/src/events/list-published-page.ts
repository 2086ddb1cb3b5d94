import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import type { ListPublishedEventsRequest } from "@stigmer/api";
import { listPublished } from "../engine/execution-views.ts";
import { toStruct } from "../executions/to-execution.ts";
import { pageSizeOf, readPageToken, writePageToken } from "../paging/page-token.ts";
import type { Store } from "../store/store.ts";

/** A page of published events, the newest first. */
export function listPublishedPage(store: Store, request: ListPublishedEventsRequest) {
  const filter = { list: "published" };
  const [before] = readPageToken(request.pageToken, filter, ["number"]) ?? [];
  const size = pageSizeOf(request.pageSize);
  const rows = listPublished(store, before === undefined ? undefined : Number(before), size + 1);
  const page = rows.slice(0, size);
  const last = page.at(-1);
  return {
    events: page.map(({ atMs, event, delivered }) => ({
      at: timestampFromMs(atMs),
      event: toStruct(event),
      delivered,
    })),
    nextPageToken: rows.length <= size || last === undefined ? "" : writePageToken([last.no], filter),
  };
}
