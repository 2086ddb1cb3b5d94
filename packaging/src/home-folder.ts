import { accessSync, constants, mkdirSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { ExtractionError, errorCode, explaining } from "./extraction-error.ts";

/**
 * Makes sure that the home is there, is ours and can be written.
 *
 * @throws {ExtractionError} naming the owner, the mount or the path in the way
 */
export function openHome(home: string): void {
  explaining(home, () => createFolder(home));
  const found = statSync(home);
  const user = process.getuid?.() ?? found.uid;
  if (!found.isDirectory()) throw new ExtractionError(`${home} is a file, not a folder`);
  if (found.uid !== user) {
    throw new ExtractionError(
      `${home} belongs to user ${found.uid}, this command runs as user ${user}; ` +
        "run it as the owner or set STIGMER_HOME to a folder of your own",
    );
  }
  explaining(home, () => accessSync(home, constants.W_OK | constants.X_OK));
}

/** Creates a folder with its parents, private to the user. (`recursive` of Node's own never returns below /proc.) */
export function createFolder(folder: string): void {
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch (error) {
    const code = errorCode(error);
    if (code === "EEXIST") return;
    if (code !== "ENOENT" || dirname(folder) === folder) throw error;
    const parent = dirname(folder);
    createFolder(parent);
    mkdirSync(folder, { mode: 0o700 });
  }
}
