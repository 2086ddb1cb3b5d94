import { readFileSync } from "node:fs";
import { join } from "node:path";
import { VERSION_ID } from "./build-constants.ts";
import { hasOwnSize, type Installation, isUntouched, pointedVersion } from "./installation.ts";
import { DEFAULT_ROLE, EXECUTABLES, type Role } from "./roles.ts";

/** Path and size of a payload file: what the bootstrap carries of the manifest. */
export type PayloadEntry = readonly [path: string, sizeBytes: number];

/**
 * Whether this process can use its version as it lies on disk: one look of some microseconds at names, sizes and times.
 * A command looks at every file, another role at its own.
 */
export function isInstalled({ home, folder, role }: Installation, payload: readonly PayloadEntry[]): boolean {
  const looksAtAll = role.name === DEFAULT_ROLE;
  try {
    if (looksAtAll && pointedVersion(home) !== VERSION_ID) return false;
    if (readFileSync(join(folder, ".version"), "utf8") !== VERSION_ID) return false;
    if (looksAtAll && !EXECUTABLES.every((name) => hasOwnSize(join(folder, name)))) return false;
    const owned = looksAtAll ? () => true : ([path]: PayloadEntry) => ownsFile(role, path);
    return payload.filter(owned).every(([path, sizeBytes]) => isUntouched(join(folder, path), sizeBytes));
  } catch {
    return false;
  }
}

function ownsFile(role: Role, path: string): boolean {
  return path === role.bundle || path === role.companion;
}
