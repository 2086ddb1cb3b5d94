import { getAsset } from "node:sea";
import { VERSION_ID } from "./build-constants.ts";
import { readEmbedded } from "./embedded.ts";
import { explaining } from "./extraction-error.ts";
import { openHome } from "./home-folder.ts";
import { type Installation, pointedVersion } from "./installation.ts";
import { MANIFEST, type Manifest, parseManifest } from "./manifest.ts";
import { REEXTRACTING, repaired, unsupportedPlatform, versionChange } from "./messages.ts";
import { isSupported, platformName, thisMachine } from "./platform.ts";
import { createPointer, swapPointer } from "./pointer.ts";
import { repairVersion } from "./repair-version.ts";
import { DEFAULT_ROLE } from "./roles.ts";
import { removeStaging, tidyVersions } from "./tidy-versions.ts";
import { isWholeVersion, unpackVersion } from "./unpack-version.ts";
import { lockExtraction } from "./version-lock.ts";

/**
 * Puts the files of this version on disk and points `bin` at them. Any number of processes may do so at once; killed at
 * any point it leaves what was there before in working order.
 *
 * @returns a message when stigmer does not run on this machine
 * @throws {Error} when the files cannot be written or the executable is damaged
 */
export function install(installation: Installation): string | undefined {
  const machine = thisMachine();
  if (!isSupported(machine)) return unsupportedPlatform(platformName(machine));
  openHome(installation.home);
  using _lock = lockExtraction(installation.home);
  explaining(installation.home, () => installLocked(installation));
  return undefined;
}

/** Writes damaged files of a version folder again, whatever their size and time say; returns their paths. */
export function repair(installation: Installation): readonly string[] {
  using _lock = lockExtraction(installation.home);
  return repairVersion({ folder: installation.folder, manifest: embeddedManifest(), readFile, trust: "digest" });
}

function installLocked({ home, folder, role }: Installation): void {
  const manifest = embeddedManifest();
  const previous = pointedVersion(home);
  const isPersonsCommand = role.name === DEFAULT_ROLE;
  const changesVersion = isPersonsCommand && previous !== undefined && previous !== VERSION_ID;
  if (changesVersion) process.stderr.write(versionChange(previous, VERSION_ID));
  removeStaging(home);
  if (isWholeVersion(folder)) {
    const paths = repairVersion({ folder, manifest, readFile, trust: "stamp" });
    if (paths.length > 0) process.stderr.write(repaired(paths));
  } else {
    if (changesVersion) process.stderr.write(REEXTRACTING);
    unpackVersion({ folder, manifest, readFile });
  }
  if (isPersonsCommand) swapPointer(home, VERSION_ID);
  else createPointer(home, VERSION_ID);
  if (changesVersion) tidyVersions(home, [VERSION_ID, previous]);
}

function embeddedManifest(): Manifest {
  return parseManifest(getAsset(MANIFEST, "utf8"));
}

function readFile(path: string): Buffer {
  return readEmbedded(path);
}
