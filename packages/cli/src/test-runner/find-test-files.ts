import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { CLI_EXIT, CliError } from "../cli-error.ts";

/** True for the name of a test file. */
function isTestFile(name: string): boolean {
  return /\.test\.(ya?ml|json)$/.test(name);
}

/**
 * The test files that are meant: those named, and those below the folders named; below the current folder without names.
 *
 * @throws {CliError} FILE_NOT_FOUND
 */
export function findTestFiles(names: readonly string[]): readonly string[] {
  const found = (names.length === 0 ? ["."] : names).flatMap((name) => {
    const stat = statSync(name, { throwIfNoEntry: false });
    if (stat === undefined) {
      throw new CliError({
        reason: "FILE_NOT_FOUND",
        message: `Cannot test "${name}": there is no such file or folder`,
        next: "stigmer test",
        exitCode: CLI_EXIT.notFound,
      });
    }
    return stat.isDirectory() ? filesBelow(name) : [name];
  });
  return [...new Set(found)];
}

function filesBelow(folder: string): readonly string[] {
  const entries = readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
  return entries.flatMap((entry) => {
    const path = folder === "." ? entry.name : join(folder, entry.name);
    if (entry.isDirectory()) return entry.name.startsWith(".") || entry.name === "node_modules" ? [] : filesBelow(path);
    return entry.isFile() && isTestFile(entry.name) ? [path] : [];
  });
}
