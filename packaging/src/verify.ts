import { basename, dirname, resolve } from "node:path";
import { getAsset, isSea } from "node:sea";
import { VERSION_ID } from "./build-constants.ts";
import { repair } from "./extract.ts";
import { MANIFEST, parseManifest } from "./manifest.ts";
import { DEFAULT_ROLE, ROLES } from "./roles.ts";
import { type Damage, findDamage } from "./verify-version.ts";

/** What a full look at the files of a version found. */
export interface Verification {
  readonly id: string;
  readonly folder: string;
  readonly checkedFiles: number;
  readonly damaged: readonly Damage[];
}

/**
 * Reads every file of the version that this process runs from and compares it with the manifest inside the executable.
 *
 * Extracted as `lib/verify.cjs`: a role's bundle loads it from beside itself,
 * `createRequire(process.argv[1])("./verify.cjs").verifyInstallation()`.
 *
 * @throws {Error} when the process does not run from the executable
 */
export function verifyInstallation(): Verification {
  const folder = ownFolder();
  const manifest = parseManifest(getAsset(MANIFEST, "utf8"));
  return { id: VERSION_ID, folder, checkedFiles: manifest.files.length, damaged: findDamage({ folder, manifest }) };
}

/** Writes every damaged file again from the executable and returns their paths. */
export function repairInstallation(): readonly string[] {
  const folder = ownFolder();
  const role = ROLES.find((candidate) => candidate.name === DEFAULT_ROLE);
  if (role === undefined) return [];
  return repair({ home: resolve(folder, "../.."), folder, role });
}

function ownFolder(): string {
  const folder = dirname(dirname(__filename));
  if (!isSea() || basename(folder) !== VERSION_ID) {
    throw new Error(`Cannot verify the files of ${VERSION_ID}: this process does not run from the executable`);
  }
  return folder;
}
