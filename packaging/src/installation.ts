import { readlinkSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { basename, dirname, join, resolve } from "node:path";
import { VERSION_ID } from "./build-constants.ts";
import { DEFAULT_ROLE, type Role } from "./roles.ts";
import { RUNNING_FILE } from "./running-file.ts";

/**
 * Modification time of every extracted file. A fixed one makes a touched file visible without reading it; whoever
 * changes a file by accident does not set its clock back.
 */
export const EXTRACTED_AT_MS = 1_000_000_000_000;

/** Where a version lies and which of its files this process is about to use. */
export interface Installation {
  readonly home: string;
  readonly folder: string;
  readonly role: Role;
}

/**
 * The home and version folder of this process.
 *
 * A person's command uses STIGMER_HOME or `~/.stigmer`. Every other role that was started out of the folder of this
 * version belongs to that folder's home: a task's process has no STIGMER_HOME and a HOME of its own.
 */
export function locateInstallation(role: Role, env: NodeJS.ProcessEnv): Installation {
  const ownFolder = dirname(process.execPath);
  const isInside = basename(ownFolder) === VERSION_ID && basename(dirname(ownFolder)) === "versions";
  const home = role.name !== DEFAULT_ROLE && isInside ? resolve(ownFolder, "../..") : homeFolder(env);
  return { home, folder: join(home, "versions", VERSION_ID), role };
}

/** The version that the pointer `bin` names, or undefined when there is none. */
export function pointedVersion(home: string): string | undefined {
  try {
    return basename(readlinkSync(join(home, "bin")));
  } catch {
    return undefined;
  }
}

/** Whether a file has the size, time and owner with which it was extracted. Throws when it is missing. */
export function isUntouched(file: string, sizeBytes: number): boolean {
  const found = statSync(file);
  return found.size === sizeBytes && found.mtimeMs === EXTRACTED_AT_MS && found.uid === process.getuid?.();
}

/** Whether a link to the executable has the size of the running one. Throws when it is missing. */
export function hasOwnSize(file: string): boolean {
  return statSync(file).size === statSync(RUNNING_FILE).size;
}

function homeFolder(env: NodeJS.ProcessEnv): string {
  const named = env.STIGMER_HOME;
  return named === undefined || named === "" ? join(homedir(), ".stigmer") : resolve(named);
}
