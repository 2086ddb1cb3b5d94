import { timestampMs } from "@bufbuild/protobuf/wkt";
import type { ListExecutionsRequest } from "@stigmer/api";
import { type ExecutionView, listExecutions } from "../engine/execution-views.ts";
import { pageSizeOf, readPageToken, writePageToken } from "../paging/page-token.ts";
import type { Store } from "../store/store.ts";

/** A page of executions, the newest first. */
export function listExecutionsPage(
  store: Store,
  request: ListExecutionsRequest,
): { readonly executions: readonly ExecutionView[]; readonly nextPageToken: string } {
  const { namespace, kind, name, phases, labels, parentId } = request;
  const wanted = {
    namespace,
    kind,
    name,
    phases,
    session: request.sessionId,
    parentId,
    labels,
    ...(request.createdAfter === undefined ? {} : { createdAfterMs: timestampMs(request.createdAfter) }),
    ...(request.createdBefore === undefined ? {} : { createdBeforeMs: timestampMs(request.createdBefore) }),
  };
  const filter = { list: "executions", ...wanted };
  const [before] = readPageToken(request.pageToken, filter, ["number"]) ?? [];
  const size = pageSizeOf(request.pageSize);
  const rows = listExecutions(store, {
    ...wanted,
    ...(before === undefined ? {} : { beforeNo: Number(before) }),
    limit: size + 1,
  });
  const page = rows.slice(0, size);
  const last = page.at(-1);
  const isLast = rows.length <= size || last === undefined;
  return { executions: page, nextPageToken: isLast ? "" : writePageToken([last.no], filter) };
}
