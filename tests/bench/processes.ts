import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { createServer } from "node:net";

/** A port that was free a moment ago. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() =>
        typeof address === "object" && address ? resolve(address.port) : reject(new Error("no port")),
      );
    });
  });
}

/** Starts a process on a leash: its standard input. */
export function startProcess(
  file: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  talk: "inherit" | "ignore" = "inherit",
): ChildProcess {
  return spawn(file, args, { env, stdio: ["pipe", "pipe", talk] });
}

/** Ends a process and waits until it is gone. */
export function endProcess(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    child.once("exit", () => resolve());
    if (child.exitCode !== null || child.signalCode !== null) return resolve();
    child.kill("SIGKILL");
  });
}

/** Wall time of a command in ms; undefined when it failed. */
export function timeCommand(
  file: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
): number | undefined {
  const startedAt = performance.now();
  const { status } = spawnSync(file, args, { env, stdio: "ignore" });
  return status === 0 ? performance.now() - startedAt : undefined;
}

/** Proportional set size of processes together, bytes. */
export function proportionalSetSize(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => {
    const kb = /^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, "utf8"))?.[1];
    return sum + Number(kb ?? 0) * 1024;
  }, 0);
}

/** CPU time of all threads of processes together, ms, by the scheduler's own account. */
export function cpuTimeMs(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => {
    const threads = readdirSync(`/proc/${pid}/task`);
    const times = threads.map((thread) =>
      Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, "utf8").split(" ")[0]),
    );
    return sum + times.reduce((a, b) => a + b, 0) / 1e6;
  }, 0);
}
