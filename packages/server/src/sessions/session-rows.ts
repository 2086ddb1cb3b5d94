import { StigmerError } from "@stigmer/api";
import type { ReadConnection } from "../store/read-connection.ts";

/** A conversation as it stands on disk. */
export interface SessionRow {
  readonly no: number;
  readonly id: string;
  readonly namespace: string;
  readonly agent: string;
  /** Digest of the last message's link; empty before the first completed turn. */
  readonly head: string;
  readonly created_at: number;
  readonly updated_at: number;
  /** How many turns it has had. */
  readonly executions: number;
}

/** Columns of a `SessionRow`, from `session s`. */
export const SESSION_COLUMNS =
  "s.no, s.id, s.namespace, s.agent, s.head, s.created_at, s.updated_at, (select count(*) from execution e where e.session = s.id) as executions";

/** @throws {StigmerError} SESSION_NOT_FOUND */
export function readSession(read: ReadConnection, id: string): SessionRow {
  const row = read.get<SessionRow>(`select ${SESSION_COLUMNS} from session s where s.id = ?`, id);
  if (row !== undefined) return row;
  throw new StigmerError({ reason: "SESSION_NOT_FOUND", message: `Cannot find session "${id}": it does not exist` });
}

/**
 * Where the next turn of a session begins: the digest of what it remembers, or "".
 *
 * @throws {StigmerError} SESSION_NOT_FOUND, also when it is another agent's; SESSION_BUSY while a turn runs
 */
export function continueSession(
  read: ReadConnection,
  id: string,
  agent: { readonly namespace: string; readonly name: string },
): string {
  const session = readSession(read, id);
  if (session.namespace !== agent.namespace || session.agent !== agent.name) {
    const message = `Cannot continue session "${id}" with agent "${agent.namespace}/${agent.name}": it is a session of "${session.namespace}/${session.agent}"`;
    throw new StigmerError({ reason: "SESSION_NOT_FOUND", message });
  }
  const running = read.get<{ readonly id: string }>(
    "select id from execution where session = ? and ended_at is null limit 1",
    id,
  );
  if (running === undefined) return session.head;
  const message = `Cannot continue session "${id}": its turn ${running.id} still runs`;
  throw new StigmerError({ reason: "SESSION_BUSY", message, details: { metadata: { execution: running.id } } });
}
