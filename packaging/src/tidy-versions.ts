import { execFileSync } from "node:child_process";
import { readdirSync, readlinkSync, renameSync, rmSync } from "node:fs";
import { join, sep } from "node:path";

const STAGING_PREFIX = ".tmp-";

/** A private name inside the folder of versions; whatever carries the prefix and is no longer written to is rubbish. */
export function stagingFolder(versions: string, purpose: string): string {
  return join(versions, `${STAGING_PREFIX}${purpose}-${process.pid}`);
}

/** Removes what killed processes left half done. Called under the lock, so nobody is at work there. */
export function removeStaging(home: string): void {
  const versions = join(home, "versions");
  for (const name of listNames(versions)) {
    if (name.startsWith(STAGING_PREFIX)) rmSync(join(versions, name), { recursive: true, force: true });
  }
  for (const name of listNames(home)) {
    if (/^\.bin-\d+$/.test(name)) rmSync(join(home, name), { force: true });
  }
}

/** Removes every version but the named ones and those that a process still runs from. */
export function tidyVersions(home: string, keep: readonly string[]): void {
  const versions = join(home, "versions");
  const old = listNames(versions).filter((name) => !keep.includes(name) && !name.startsWith(STAGING_PREFIX));
  if (old.length === 0) return;
  const running = runningExecutables();
  for (const id of old) {
    const folder = join(versions, id) + sep;
    if (!running.some((file) => file.startsWith(folder))) removeVersion(versions, id);
  }
}

/** Takes a version away at once and then removes its files: a kill in between leaves no half version. */
export function removeVersion(versions: string, id: string): void {
  const gone = stagingFolder(versions, `gone-${id}`);
  try {
    renameSync(join(versions, id), gone);
  } catch {
    return;
  }
  rmSync(gone, { recursive: true, force: true });
}

function listNames(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** Paths of the executables of all processes that we may see. */
function runningExecutables(): string[] {
  if (process.platform !== "linux") {
    return execFileSync("ps", ["-axo", "comm="], { encoding: "utf8" }).split("\n");
  }
  return listNames("/proc").flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    try {
      return [readlinkSync(join("/proc", name, "exe"))];
    } catch {
      return [];
    }
  });
}
