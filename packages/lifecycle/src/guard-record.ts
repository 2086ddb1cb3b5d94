import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { endGroup, GROUP_GRACE_MS } from "./guard.ts";
import { identifyProcess, isAlive, type ProcessIdentity } from "./process-identity.ts";

/** Which processes a guarded command has; kept in a file while it runs. */
export interface GuardRecord {
  readonly guard: ProcessIdentity;
  /** The command itself, leader of its group; absent until it has started. */
  readonly leader?: ProcessIdentity;
}

/** Writes the record of a running command. */
export function writeGuardRecord(path: string, guardPid: number, leaderPid: number | undefined): void {
  const guard = identifyProcess(guardPid);
  const leader = leaderPid === undefined ? undefined : identifyProcess(leaderPid);
  if (guard === undefined) return;
  const record: GuardRecord = { guard, ...(leader === undefined ? {} : { leader }) };
  writeFileSync(path, JSON.stringify(record), { mode: 0o600 });
}

/** Forgets a command that has ended. */
export function removeGuardRecord(path: string): void {
  rmSync(path, { force: true });
}

/**
 * Makes sure that a command which an earlier, lost runner started is gone, its whole group: its effect can be repeated
 * then. Returns at once when there is no record.
 */
export async function endRecordedGuard(path: string): Promise<void> {
  const record = readRecord(path);
  if (record === undefined) return;
  // A guard ends its group by itself when it is asked to, and usually does so already.
  if (isAlive(record.guard)) process.kill(record.guard.pid, "SIGTERM");
  const deadline = Date.now() + GROUP_GRACE_MS * 2;
  while (isAlive(record.guard) && Date.now() < deadline) await sleep(10);
  if (isAlive(record.guard)) process.kill(record.guard.pid, "SIGKILL");
  if (record.leader !== undefined && isAlive(record.leader)) await endGroup(record.leader.pid);
  removeGuardRecord(path);
}

function readRecord(path: string): GuardRecord | undefined {
  try {
    return JSON.parse(readFileSync(path, "utf8")) as GuardRecord;
  } catch {
    return undefined; // none, or cut off while it was written: the guard's own pipe sees to its group
  }
}
