import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import type { ServiceImpl } from "@connectrpc/connect";
import type { SessionService } from "@stigmer/api";
import { deleteSession } from "../sessions/delete-session.ts";
import { listMessages } from "../sessions/list-messages.ts";
import { listSessions } from "../sessions/list-sessions.ts";
import { readSession, type SessionRow } from "../sessions/session-rows.ts";
import type { Store } from "../store/store.ts";

/** Conversations over RPC. */
export function createSessionService(store: Store): ServiceImpl<typeof SessionService> {
  return {
    getSession: (request) => ({ session: toSession(readSession(store.read, request.id)) }),
    listSessions(request) {
      const { sessions, nextPageToken } = listSessions(store.read, request);
      return { sessions: sessions.map(toSession), nextPageToken };
    },
    listMessages: (request) => ({ messages: listMessages(store, request.sessionId) }),
    async deleteSession(request) {
      await deleteSession(store, request.id);
      return {};
    },
  };
}

function toSession(row: SessionRow) {
  return {
    id: row.id,
    agent: { kind: "Agent", namespace: row.namespace, name: row.agent },
    createdAt: timestampFromMs(row.created_at),
    updatedAt: timestampFromMs(row.updated_at),
    executions: row.executions,
  };
}
