import { accessSync, constants, copyFileSync, linkSync, rmSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { ExtractionError, explaining } from "./extraction-error.ts";
import { RUNNING_FILE } from "./running-file.ts";

/**
 * Gives the running executable a further name: a hard link where the file system and its owner allow it, else a copy.
 * All processes of a platform then share one file in memory, and the platform survives the removal of the original.
 *
 * @throws {ExtractionError} when programs may not be started at that place (noexec)
 */
export function placeExecutable(target: string): void {
  if (!linkRunningFile(target)) {
    explaining(target, () => copyFileSync(RUNNING_FILE, target, constants.COPYFILE_EXCL));
  }
  try {
    accessSync(target, constants.X_OK);
  } catch (error) {
    throw new ExtractionError(
      `${dirname(target)} lies on a file system that starts no programs (mounted noexec); ` +
        "set STIGMER_HOME to a folder on another one",
      { cause: error },
    );
  }
}

/** Links the file if that is possible and the file under that name is still the one that runs. */
function linkRunningFile(target: string): boolean {
  try {
    linkSync(process.execPath, target);
  } catch {
    return false;
  }
  if (statSync(target).ino === statSync(RUNNING_FILE).ino) return true;
  rmSync(target);
  return false;
}
