import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { endRecordedGuard } from "./guard-record.ts";
import { spawnGuarded } from "./guarded-process.ts";
import { identifyProcess, readProcessVariable } from "./process-identity.ts";
import { roleCommand } from "./role-command.ts";
import { type RunGuardedParams, runGuarded } from "./run-guarded.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "guard-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const sh = (script: string, more: Partial<RunGuardedParams> = {}): RunGuardedParams => ({
  command: "sh",
  args: ["-c", script],
  cwd: folder,
  homeDir: folder,
  guard: roleCommand("guard"),
  ...more,
});

/** Waits until no process with this pid lives; fails after five seconds. */
async function expectGone(pid: number): Promise<void> {
  const deadline = Date.now() + 5_000;
  while (identifyProcess(pid) !== undefined) {
    if (Date.now() > deadline) throw new Error(`process ${pid} still lives`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** Waits until the runner has heard from the guard which group it keeps; fails after five seconds. */
async function expectRecorded(path: string): Promise<void> {
  const deadline = Date.now() + 5_000;
  while (!readFileSync(path, "utf8").includes("leader")) {
    if (Date.now() > deadline) throw new Error("the guard has not said that it started");
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

describe("runGuarded()", () => {
  test("gives output, error output and exit code", async () => {
    const outcome = await runGuarded(sh("cat; echo oops >&2; exit 3", { stdin: "hello" }));
    expect(outcome).toMatchObject({ kind: "exited", code: 3 });
    expect(outcome.stdout.toString()).toBe("hello");
    expect(outcome.stderr.toString()).toBe("oops\n");
  });

  test("gives the command PATH, LANG, HOME and what is declared, never a variable of ours", async () => {
    const outcome = await runGuarded(sh("env", { env: { COLOUR: "blue", STIGMER_HOME: "/x" } }));
    const names = outcome.stdout
      .toString()
      .trim()
      .split("\n")
      .map((line) => line.split("=")[0]);
    const ownOfTheShell = ["PWD", "OLDPWD", "SHLVL", "_"];
    expect(names.filter((name) => !ownOfTheShell.includes(name ?? "")).sort()).toEqual([
      "COLOUR",
      "HOME",
      "LANG",
      "PATH",
    ]);
  });

  test("hands over a payload on descriptor 3 and leaves no file", async () => {
    const outcome = await runGuarded(sh("cat /dev/fd/3", { payload: "secret words" }));
    expect(outcome.stdout.toString()).toBe("secret words");
    expect(readdirSync(folder)).toEqual([]);
  });

  test("says why a command did not start", async () => {
    const outcome = await runGuarded(sh("", { command: "no-such-command-here" }));
    expect(outcome).toMatchObject({ kind: "not-started", reason: "ENOENT" });
  });

  test("ends a command after its time", async () => {
    const outcome = await runGuarded(sh("echo begun; exec sleep 60", { timeoutMs: 400 }));
    expect(outcome).toMatchObject({ kind: "timeout" });
  });

  test("ends a command that writes without end", async () => {
    const outcome = await runGuarded(sh("yes", { maxOutputBytes: 10_000 }));
    expect(outcome.kind).toBe("output-limit");
    expect(outcome.stdout.length).toBe(10_000);
  });

  test("starts nothing when it is aborted before", async () => {
    const outcome = await runGuarded(sh("touch started", { signal: AbortSignal.abort() }));
    expect(outcome.kind).toBe("aborted");
    expect(existsSync(join(folder, "started"))).toBe(false);
  });

  test("takes what a command left in the background with it", async () => {
    const outcome = await runGuarded(sh("sleep 60 >/dev/null 2>&1 & echo $!"));
    expect(outcome.kind).toBe("exited");
    await expectGone(Number(outcome.stdout.toString()));
  });

  test("kills a group that ignores TERM after two seconds", async () => {
    const running = spawnGuarded(sh('trap "" TERM; (while :; do sleep 1; done) & echo $$; while :; do sleep 1; done'));
    const [first] = (await once(running.stdout, "data")) as [Buffer];
    const startedAt = Date.now();
    const exit = await running.end();
    expect(exit).toMatchObject({ kind: "exited", code: 137 });
    expect(Date.now() - startedAt).toBeGreaterThanOrEqual(1_900);
    await expectGone(Number(first.toString()));
  });
});

describe("guard", () => {
  /** A runner of its own that started a command; the pids of the command and its guard. */
  async function startRunner() {
    const runner = spawn(process.execPath, [join(import.meta.dirname, "guard.testsuite.ts"), folder], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const [line] = (await once(runner.stdout, "data")) as [Buffer];
    const [command = 0, guard = 0] = line.toString().trim().split(" ").map(Number);
    return { runner, command, guard };
  }

  test("ends the group when its runner is killed", async () => {
    const { runner, command } = await startRunner();
    expect(identifyProcess(command)).toBeDefined();
    runner.kill("SIGKILL");
    await expectGone(command);
  });

  test("what outlives runner and guard is found by its record", async () => {
    const { runner, command, guard } = await startRunner();
    runner.kill("SIGSTOP");
    process.kill(guard, "SIGKILL");
    runner.kill("SIGKILL");
    expect(identifyProcess(command)).toBeDefined();
    await endRecordedGuard(join(folder, "record.json"));
    expect(identifyProcess(command)).toBeUndefined();
    expect(readdirSync(folder)).toEqual([]);
  });

  test("a record of a command that ended is gone, and none is no problem", async () => {
    const recordPath = join(folder, "ended.json");
    await runGuarded(sh("true", { recordPath }));
    expect(existsSync(recordPath)).toBe(false);
    await endRecordedGuard(recordPath);
  });

  test("alone carries the cookie", async () => {
    process.env.STIGMER_COOKIE = "crumbs";
    try {
      const running = spawnGuarded(sh("echo $PPID $STIGMER_COOKIE; read line"));
      const [line] = (await once(running.stdout, "data")) as [Buffer];
      expect(line.toString()).toMatch(/^\d+\n$/);
      if (process.platform === "linux") {
        expect(readProcessVariable(Number.parseInt(line.toString(), 10), "STIGMER_COOKIE")).toBe("crumbs");
      }
      running.stdin.end("\n");
      await running.exited;
    } finally {
      delete process.env.STIGMER_COOKIE;
    }
  });

  test("keeps orders out of the argument list", async () => {
    const running = spawnGuarded(sh("echo $PPID; read line"));
    const [line] = (await once(running.stdout, "data")) as [Buffer];
    const parent = line.toString().trim();
    if (process.platform === "linux") {
      expect(readFileSync(`/proc/${parent}/cmdline`, "utf8")).not.toContain("echo");
    }
    running.stdin.end("\n");
    expect(await running.exited).toMatchObject({ kind: "exited", code: 0 });
  });

  test("a killed guard does not leave the group behind", async () => {
    const running = spawnGuarded(sh("echo $PPID $$; exec sleep 60", { recordPath: join(folder, "killed.json") }));
    const [line] = (await once(running.stdout, "data")) as [Buffer];
    const [guard, command] = line.toString().trim().split(" ").map(Number);
    await expectRecorded(join(folder, "killed.json"));
    process.kill(guard ?? 0, "SIGKILL");
    expect(await running.exited).toMatchObject({ kind: "exited", signal: "SIGKILL" });
    await expectGone(command ?? 0);
  });
});
