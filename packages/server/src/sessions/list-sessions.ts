import type { ListSessionsRequest } from "@stigmer/api";
import { pageSizeOf, readPageToken, writePageToken } from "../paging/page-token.ts";
import type { ReadConnection } from "../store/read-connection.ts";
import { SESSION_COLUMNS, type SessionRow } from "./session-rows.ts";

const PAGE = `select ${SESSION_COLUMNS} from session s
  where (? = '' or s.namespace = ?) and (? = '' or s.agent = ?) and s.no < ? order by s.no desc limit ?`;

/** Sessions, the newest first. */
export function listSessions(
  read: ReadConnection,
  request: ListSessionsRequest,
): { readonly sessions: readonly SessionRow[]; readonly nextPageToken: string } {
  const { namespace, agent } = request;
  const filter = { list: "sessions", namespace, agent };
  const [before = Number.MAX_SAFE_INTEGER] = readPageToken(request.pageToken, filter, ["number"]) ?? [];
  const size = pageSizeOf(request.pageSize);
  const rows = read.all<SessionRow>(PAGE, namespace, namespace, agent, agent, before, size + 1);
  const page = rows.slice(0, size);
  const last = page.at(-1);
  const isLast = rows.length <= size || last === undefined;
  return { sessions: page, nextPageToken: isLast ? "" : writePageToken([last.no], filter) };
}
