import { StigmerError } from "@stigmer/api";
import { EXIT, type HomePaths } from "@stigmer/lifecycle";
import { restoreBackup } from "./restore-backup.ts";

/**
 * The mode `--restore PATH` of the server: puts a backup in the place of the home's data, while no server runs, prints
 * one JSON line and ends. Success: `{"restored":{path, previous?, lostSecrets}}`; failure: `{"error":{reason, message,
 * hint}}` with exit code 1, or 78 when no path was named.
 */
export async function runRestore(path: string | undefined, paths: HomePaths): Promise<void> {
  if (path === undefined) {
    print({ error: { reason: "USAGE", message: "Cannot restore: no path is named", hint: "--restore PATH" } });
    process.exitCode = EXIT.configuration;
    return;
  }
  try {
    print({ restored: { path, ...(await restoreBackup(path, paths)) } });
  } catch (error) {
    print({ error: describe(error) });
    process.exitCode = EXIT.unexpected;
  }
}

function describe(error: unknown) {
  if (error instanceof StigmerError) return { reason: error.reason, message: error.message, hint: error.hint };
  return { reason: "INTERNAL", message: error instanceof Error ? error.message : String(error), hint: "" };
}

function print(line: unknown): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}
