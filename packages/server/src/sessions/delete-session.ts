import { StigmerError } from "@stigmer/api";
import type { Store } from "../store/store.ts";

/**
 * Deletes a session and what it remembers; its executions stay.
 *
 * @throws {StigmerError} SESSION_NOT_FOUND, SESSION_BUSY
 */
export async function deleteSession(store: Store, id: string): Promise<void> {
  const result = await store.write("deleteSession", { id });
  switch (result.kind) {
    case "deleted":
      return;
    case "absent":
      throw new StigmerError({
        reason: "SESSION_NOT_FOUND",
        message: `Cannot delete session "${id}": it does not exist`,
      });
    case "busy":
      throw new StigmerError({ reason: "SESSION_BUSY", message: `Cannot delete session "${id}": a turn still runs` });
  }
}
