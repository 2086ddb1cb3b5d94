import { createHash } from "node:crypto";
import { readdirSync } from "node:fs";
import { identifyProcess, readProcessVariable } from "@stigmer/lifecycle";

/** The part of every cookie of one home: equal for each start, different between homes. */
export function cookiePrefix(home: string): string {
  return createHash("sha256").update(home).digest("hex").slice(0, 12);
}

/**
 * Ends what an earlier start of this home left behind: processes that carry a cookie of the home other than
 * `cookie`. A pid alone is never believed.
 *
 * @returns the pids that were ended
 */
export function sweepOrphans(home: string, cookie: string): readonly number[] {
  const prefix = `${cookiePrefix(home)}-`;
  const orphans = listPids().filter((pid) => {
    const found = readProcessVariable(pid, "STIGMER_COOKIE");
    return found?.startsWith(prefix) && found !== cookie && pid !== process.pid;
  });
  return orphans.filter((pid) => {
    if (!identifyProcess(pid)) return false;
    try {
      process.kill(pid, "SIGKILL");
      return true;
    } catch {
      return false; // ended meanwhile
    }
  });
}

function listPids(): readonly number[] {
  if (process.platform !== "linux") return [];
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}
