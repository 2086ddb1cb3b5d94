import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { closeSync, openSync, readdirSync, readFileSync, unlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** How long a group may take to end after TERM before KILL, ms. */
export const GROUP_GRACE_MS = 2_000;

/** What the runner writes as the first line of the guard's pipe. Nothing of it stands in an argument list. */
export interface GuardOrder {
  readonly command: string;
  readonly args: readonly string[];
  /** The whole environment of the command. */
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  /** Text that the command finds behind file descriptor 3 (`/dev/fd/3`); absent gives it no such descriptor. */
  readonly payload?: string;
}

/** What the guard answers on its pipe, one JSON line each. */
export type GuardNotice =
  | { readonly kind: "started"; readonly pid: number }
  | { readonly kind: "not-started"; readonly code: string; readonly message: string }
  | { readonly kind: "exited"; readonly code: number; readonly signal?: string };

/** A command in a process group of its own. */
export interface GuardedGroup {
  /** Resolves with the exit code once the whole group is gone; 128 + n after signal n, as shells say it. */
  readonly ended: Promise<number>;
  /** Ends the group: TERM, two seconds, KILL. A second call changes nothing. */
  end(): void;
}

/** Starts the ordered command as the leader of a new process group and tells `notify` what becomes of it. */
export function guardGroup(order: GuardOrder, notify: (notice: GuardNotice) => void): GuardedGroup {
  const leader = startLeader(order);
  // At once, not with the event: whoever loses the guard must know which group to end.
  if (leader.pid !== undefined) notify({ kind: "started", pid: leader.pid });
  let isEnding = false;
  const end = () => {
    if (isEnding || leader.pid === undefined) return;
    isEnding = true;
    void endGroup(leader.pid);
  };
  const ended = new Promise<number>((resolve) => {
    leader.once("error", (error: NodeJS.ErrnoException) => {
      notify({ kind: "not-started", code: error.code ?? "UNKNOWN", message: error.message });
      resolve(127);
    });
    leader.once("exit", (code, signal) => {
      // What the command left behind in its group goes with it.
      void endGroup(leader.pid ?? 0).then(() => {
        const exitCode = code ?? 128 + signalNumber(signal);
        notify({ kind: "exited", code: exitCode, ...(signal ? { signal } : {}) });
        resolve(exitCode);
      });
    });
  });
  return { ended, end };
}

/**
 * Ends process group `id`: TERM, then KILL after the grace.
 *
 * @param id process group, that is the pid of its leader
 */
export async function endGroup(id: number): Promise<void> {
  if (!signalGroup(id, "SIGTERM")) return;
  const deadline = Date.now() + GROUP_GRACE_MS;
  // The kernel offers no event for the end of a group, so this looks for it, often at first.
  for (let pauseMs = 2; Date.now() < deadline; pauseMs = Math.min(pauseMs * 2, 50)) {
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
    if (!isGroupAlive(id)) return;
  }
  signalGroup(id, "SIGKILL");
}

/** True while the group holds a process that runs; a zombie that nobody has collected yet counts as gone. */
function isGroupAlive(id: number): boolean {
  if (!signalGroup(id, 0)) return false;
  if (process.platform !== "linux") return true;
  return readdirSync("/proc").some((name) => /^\d+$/.test(name) && runsInGroup(name, id));
}

function runsInGroup(pid: string, group: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The name in parentheses may hold spaces and parentheses itself; fields count from its end.
    const [state, , processGroup] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return Number(processGroup) === group && state !== "Z" && state !== "X";
  } catch {
    return false; // it ended meanwhile
  }
}

/** Sends a signal to a group; false when no process is left in it. */
function signalGroup(id: number, signal: NodeJS.Signals | 0): boolean {
  if (id <= 1) return false;
  try {
    process.kill(-id, signal);
    return true;
  } catch {
    return false; // ESRCH: gone; EPERM: on macOS a group of zombies
  }
}

function startLeader(order: GuardOrder): ChildProcess {
  const payload = order.payload === undefined ? undefined : openPayload(order.payload, order.env.HOME ?? order.cwd);
  try {
    return spawn(order.command, order.args, {
      cwd: order.cwd,
      env: withoutOwnVariables(order.env),
      detached: true,
      stdio: payload === undefined ? "inherit" : ["inherit", "inherit", "inherit", payload],
    });
  } finally {
    if (payload !== undefined) closeSync(payload);
  }
}

/** A file that is unlinked before anybody reads it: a pipe of Node is a socket, which cannot be opened as `/dev/fd/3`. */
function openPayload(payload: string, folder: string): number {
  const path = join(folder, `.payload-${randomBytes(8).toString("hex")}`);
  writeFileSync(path, payload, { mode: 0o600, flag: "wx" });
  try {
    return openSync(path, "r");
  } finally {
    unlinkSync(path);
  }
}

function withoutOwnVariables(env: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith("STIGMER_")));
}

const SIGNAL_NUMBERS: Readonly<Record<string, number>> = {
  SIGHUP: 1,
  SIGINT: 2,
  SIGQUIT: 3,
  SIGABRT: 6,
  SIGKILL: 9,
  SIGSEGV: 11,
  SIGPIPE: 13,
  SIGTERM: 15,
};

function signalNumber(signal: string | null): number {
  return SIGNAL_NUMBERS[signal ?? ""] ?? 0;
}
