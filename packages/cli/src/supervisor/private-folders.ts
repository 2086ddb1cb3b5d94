import { chmodSync, mkdirSync, statSync } from "node:fs";
import { dirname } from "node:path";
import type { HomePaths } from "@stigmer/lifecycle";

/** A folder of the home cannot be used; the message names its owner or the system's reason. */
export class FolderUnusable extends Error {
  override readonly name = "FolderUnusable";
}

/**
 * Makes the folders that the platform writes to, readable by their owner alone.
 *
 * @throws {FolderUnusable} when one belongs to another user or cannot be made
 */
export function makePrivateFolders(paths: HomePaths): void {
  for (const folder of [paths.run, paths.logs, paths.auth, paths.data, dirname(paths.socket)]) makePrivate(folder);
}

function makePrivate(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const { uid, mode } = statSync(folder);
    const own = process.getuid?.();
    if (own !== undefined && uid !== own) {
      throw new FolderUnusable(
        `Cannot use "${folder}": it belongs to user ${uid}, this command runs as user ${own} (sudo chown -R ${own} '${folder}')`,
      );
    }
    if ((mode & 0o077) !== 0) chmodSync(folder, 0o700);
  } catch (error) {
    if (error instanceof FolderUnusable) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new FolderUnusable(`Cannot use "${folder}": ${reason}`, { cause: error });
  }
}
