import { StigmerError } from "@stigmer/api";
import { type FolderLock, lockFolder } from "./folder-lock.ts";

/**
 * Takes the one lock on a data folder, or says who has it.
 *
 * @param folder real path of the data folder
 * @throws {StigmerError} DATA_IN_USE with the owner's pid and home
 */
export function takeDataLock(folder: string, home: string): FolderLock {
  const taken = lockFolder(folder, home);
  if ("lock" in taken) return taken.lock;
  const { pid, home: ownersHome } = taken.owner;
  const isKnown = pid !== undefined && ownersHome !== undefined;
  const who = isKnown ? `pid ${pid} (home ${ownersHome}) holds it` : "another process holds it";
  throw new StigmerError({
    reason: "DATA_IN_USE",
    message: `Cannot open "${folder}": ${who}.`,
    details: { metadata: isKnown ? { pid: String(pid), home: ownersHome } : {} },
  });
}
