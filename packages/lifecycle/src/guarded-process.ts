import { type ChildProcess, spawn } from "node:child_process";
import type { Readable, Writable } from "node:stream";
import { endGroup, type GuardNotice, type GuardOrder } from "./guard.ts";
import { removeGuardRecord, writeGuardRecord } from "./guard-record.ts";
import type { Command } from "./role-command.ts";

/** A command to run under a guard. */
export interface SpawnGuardedParams {
  readonly command: string;
  readonly args?: readonly string[];
  /** Added to PATH, LANG and HOME; names that begin with `STIGMER_` never arrive. */
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd: string;
  /** Becomes HOME; an existing folder that is private to the execution. */
  readonly homeDir: string;
  /** Text behind the command's file descriptor 3 (`/dev/fd/3`). */
  readonly payload?: string;
  /** How to start the guard: `roleCommand("guard")`. */
  readonly guard: Command;
  /** File that names the processes while they run, for `endRecordedGuard`. */
  readonly recordPath?: string;
}

/** How a guarded command ended; its whole process group is gone by then. */
export type GuardedExit =
  | { readonly kind: "exited"; readonly code: number; readonly signal?: string }
  | { readonly kind: "not-started"; readonly code: string; readonly message: string };

/** A running command under a guard. */
export interface GuardedProcess {
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** Never rejects. */
  readonly exited: Promise<GuardedExit>;
  /** Ends the process group (TERM, two seconds, KILL); resolves when it is gone. */
  end(): Promise<GuardedExit>;
}

/**
 * Starts a command in its own process group under a guard. However this process ends, `kill -9` included, the group
 * ends too. The command's environment is PATH, LANG, HOME and `env`, nothing else.
 */
export function spawnGuarded(params: SpawnGuardedParams): GuardedProcess {
  const guard = spawn(params.guard.file, params.guard.args, {
    // A session of its own: Ctrl-C in a terminal reaches the runner, and the runner decides.
    detached: true,
    cwd: params.homeDir,
    env: guardEnvironment(),
    stdio: ["pipe", "pipe", "pipe", "pipe"],
  });
  const [stdin, stdout, stderr, pipe] = guard.stdio as unknown as [Writable, Readable, Readable, Writable & Readable];
  // A command may end without reading its input; that is no failure of ours.
  stdin.on("error", () => undefined);
  pipe.on("error", () => undefined);
  const exited = watchGuard(guard, pipe, params.recordPath);
  pipe.write(`${JSON.stringify(toOrder(params))}\n`);
  return {
    stdin,
    stdout,
    stderr,
    exited,
    end: () => {
      pipe.end();
      return exited;
    },
  };
}

async function watchGuard(guard: ChildProcess, pipe: Readable, recordPath: string | undefined): Promise<GuardedExit> {
  const record = (leaderPid?: number) => {
    if (recordPath !== undefined && guard.pid !== undefined) writeGuardRecord(recordPath, guard.pid, leaderPid);
  };
  let leaderPid = 0;
  let exit: GuardedExit | undefined;
  record();
  readNotices(pipe, (notice) => {
    if (notice.kind !== "started") exit = notice;
    else {
      leaderPid = notice.pid;
      record(leaderPid);
    }
  });
  const ended = await untilGuardEnds(guard, pipe, () => exit);
  // Without a notice somebody killed the guard itself: its duty falls to us.
  if (ended === undefined) await endGroup(leaderPid);
  if (recordPath !== undefined) removeGuardRecord(recordPath);
  return ended ?? { kind: "exited", code: 137, signal: "SIGKILL" };
}

/** The last notice of a guard that is gone; undefined when it had no time for one. */
async function untilGuardEnds(
  guard: ChildProcess,
  pipe: Readable,
  lastNotice: () => GuardedExit | undefined,
): Promise<GuardedExit | undefined> {
  const failure = await new Promise<NodeJS.ErrnoException | undefined>((resolve) => {
    guard.once("error", resolve);
    guard.once("exit", () => resolve(undefined));
  });
  if (failure) return { kind: "not-started", code: failure.code ?? "UNKNOWN", message: failure.message };
  // The last notice may still stand in the pipe.
  if (!pipe.closed) await new Promise((resolve) => pipe.once("close", resolve));
  return lastNotice();
}

function readNotices(pipe: Readable, take: (notice: GuardNotice) => void): void {
  let text = "";
  pipe.setEncoding("utf8").on("data", (chunk: string) => {
    text += chunk;
    for (let end = text.indexOf("\n"); end >= 0; end = text.indexOf("\n")) {
      take(JSON.parse(text.slice(0, end)) as GuardNotice);
      text = text.slice(end + 1);
    }
  });
}

function toOrder(params: SpawnGuardedParams): GuardOrder {
  return {
    command: params.command,
    args: params.args ?? [],
    env: { ...baseEnvironment(params.homeDir), ...params.env },
    cwd: params.cwd,
    ...(params.payload === undefined ? {} : { payload: params.payload }),
  };
}

function baseEnvironment(homeDir: string): Record<string, string> {
  return {
    PATH: process.env.PATH ?? "/usr/local/bin:/usr/bin:/bin",
    LANG: process.env.LANG ?? "C.UTF-8",
    HOME: homeDir,
  };
}

/** The guard itself runs with the least it needs, and the cookie by which the supervisor sweeps. */
function guardEnvironment(): NodeJS.ProcessEnv {
  const names = [
    "PATH",
    "LD_LIBRARY_PATH",
    "STIGMER_COOKIE",
    "STIGMER_HOME",
    "STIGMER_DEV_MODE",
    "STIGMER_SPAWN_DEPTH",
  ];
  const known = names.map((name) => [name, process.env[name]] as const).filter(([, value]) => value !== undefined);
  return Object.fromEntries(known);
}
