import { spawnSync } from "node:child_process";
import { chmodSync, chownSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer, type Server } from "node:net";
import { join } from "node:path";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { builtExecutable, createTestFolder, placeCopy } from "./executable-fixture.ts";
import { createTestHome, memberAt, startTestPlatform, type TestHome } from "./platform-fixture.ts";
import { isRunning, listProcesses } from "./process-table.ts";

const UNTIL = { timeout: 30_000, interval: 20 } as const;
const NOBODY = 65_534;
const isRoot = process.getuid?.() === 0;

/** A home that is removed when the test ends. */
function freshHome(): TestHome {
  const home = createTestHome();
  onTestFinished(() => home.remove());
  return home;
}

async function freshPlatform(): Promise<TestHome> {
  const platform = await startTestPlatform();
  onTestFinished(() => platform.remove());
  return platform;
}

function supervisorOf(home: TestHome): number {
  return Number(memberAt(JSON.parse(readFileSync(join(home.home, "run/state.json"), "utf8")), ["supervisor", "pid"]));
}

/** A program of somebody else on a port; it remembers what it was sent. */
async function listenForeign(): Promise<{
  readonly port: number;
  readonly heard: () => string;
  readonly server: Server;
}> {
  let heard = "";
  const server = createServer((socket) => {
    socket
      .on("error", () => {})
      .on("data", (chunk) => {
        heard += chunk.toString("latin1");
        socket.end("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
      });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  return { port: (server.address() as AddressInfo).port, heard: () => heard, server };
}

describe("up", () => {
  test("twenty at once give one platform", async () => {
    const home = freshHome();
    const ups = await Promise.all(Array.from({ length: 20 }, () => home.run(["up", "--port", "0", "--json"])));
    const addresses = ups.map(({ status, stdout, stderr }) => {
      expect({ status, stderr: stderr.replace("stigmer is already running\n", "") }).toEqual({ status: 0, stderr: "" });
      return memberAt(JSON.parse(stdout), ["address"]);
    });
    expect(new Set(addresses).size).toBe(1);
    for (const name of ["stigmer-server", "workflow-runner", "__run agent-runner", "__run supervisor"]) {
      expect(listProcesses(`STIGMER_HOME=${home.home}`).filter(({ command }) => command.includes(name))).toHaveLength(
        1,
      );
    }
  });

  test("a port that is in use is named with its owner and another port; its owner hears nothing", async () => {
    const home = freshHome();
    const foreign = await listenForeign();
    const { status, stdout, stderr } = await home.run(["up", "--port", String(foreign.port)]);
    expect({ status, stdout }).toEqual({ status: 1, stdout: "" });
    expect(stderr).toContain(`port ${foreign.port}: it is in use by pid ${process.pid}`);
    expect(stderr).toContain(`stigmer up --port ${foreign.port + 1}`);
    expect((await home.run(["status"])).status).toBe(3);
    await home.run(["list"], { env: { STIGMER_PORT: String(foreign.port) } });
    expect(foreign.heard()).toBe("");
    expect(listProcesses(`STIGMER_HOME=${home.home}`)).toEqual([]);
    foreign.server.close();
    await new Promise((resolve) => setImmediate(resolve));
    expect((await home.run(["up", "--port", String(foreign.port)])).status).toBe(0);
  });

  test("a port that is lost while the server is down is said by status, taken back when it is free", async () => {
    const platform = await freshPlatform();
    const port = Number(String(memberAt(await platform.json(["status", "--json"]), ["address"])).split(":")[1]);
    process.kill(platform.pidOf("server"), "SIGSTOP");
    const doomed = platform.pidOf("server");
    // A thief that waits for the port: it gets it in the moment the server dies.
    let heard = "";
    const thief = createServer((socket) => socket.on("error", () => {}).on("data", (chunk) => (heard += chunk)));
    const steal = () =>
      new Promise<boolean>((resolve) => {
        thief.removeAllListeners("listening").removeAllListeners("error");
        thief.once("error", () => resolve(false)).once("listening", () => resolve(true));
        thief.listen(port, "127.0.0.1");
      });
    process.kill(doomed, "SIGKILL");
    let hasStolen = false;
    for (let tries = 0; tries < 2_000 && !hasStolen && isRunning(supervisorOf(platform)); tries++) {
      hasStolen = await steal();
      if (!hasStolen && (await platform.run(["status"])).status === 0) break; // the server was quicker
    }
    if (hasStolen) {
      await vi.waitFor(async () => {
        const { status, stdout } = await platform.run(["status"]);
        expect(status).toBe(1);
        expect(stdout).toContain(`port ${port}: it is in use by pid ${process.pid}`);
      }, UNTIL);
      thief.close();
      expect(heard).toBe("");
    }
    await vi.waitFor(async () => expect((await platform.run(["status"])).status).toBe(0), {
      ...UNTIL,
      timeout: 60_000,
    });
  });

  test("in the foreground it stays, and ends everything on SIGTERM", async () => {
    const home = freshHome();
    const { child, ended } = home.start(["up", "--port", "0", "--foreground"]);
    await new Promise((resolve) => child.stdout?.once("data", resolve));
    expect((await home.run(["status"])).status).toBe(0);
    expect((await home.run(["up"])).stderr).toContain("already running");
    child.kill("SIGTERM");
    expect(await ended).toMatchObject({ status: 0, stderr: "" });
    expect(listProcesses(`STIGMER_HOME=${home.home}`)).toEqual([]);
  });

  test("a host that others reach is refused", async () => {
    const { status, stderr } = await freshHome().run(["up", "--port", "0", "--host", "0.0.0.0"]);
    expect(status).toBe(1);
    expect(stderr).toContain('Cannot listen on "0.0.0.0"');
    expect(stderr).toContain("try: listen on 127.0.0.1, or ");
  });

  test("a pid of the last start that is somebody else's now is not believed", async () => {
    const platform = await freshPlatform();
    await platform.text(["down"]);
    const file = join(platform.home, "run/state.json");
    const state = JSON.parse(readFileSync(file, "utf8"));
    state.supervisor.pid = process.pid;
    state.components.server.process = { pid: process.pid, startTime: "1" };
    writeFileSync(file, JSON.stringify(state));
    expect((await platform.run(["status"])).status).toBe(3);
    expect((await platform.run(["up", "--port", "0"])).status).toBe(0);
    expect(isRunning(process.pid)).toBe(true);
  });
});

describe("two platforms", () => {
  test.each(["the same data through a link", "a home that is a link"])("of %s: the second refuses", async (how) => {
    const platform = await freshPlatform();
    const other = freshHome();
    let home = other.home;
    if (how === "a home that is a link") {
      home = join(other.home, "link");
      symlinkSync(platform.home, home);
    } else {
      symlinkSync(join(platform.home, "data"), join(other.home, "data"));
    }
    const { status, stdout, stderr } = await other.run(["up", "--port", "0"], { env: { STIGMER_HOME: home } });
    if (how === "a home that is a link") {
      // The same home by another name: the supervisor's lock is the same file, so this attaches.
      expect({ status, isSame: stdout.includes(String(platform.pidOf("server"))) }).toEqual({
        status: 0,
        isSame: true,
      });
    } else {
      expect(status).toBe(1);
      expect(stderr).toContain(`pid ${platform.pidOf("server")}`);
      expect(stderr).toMatch(/holds it/);
    }
    expect((await platform.run(["status"])).status).toBe(0);
    expect(listProcesses("stigmer-server").filter(({ pid }) => pid === platform.pidOf("server"))).toHaveLength(1);
  });
});

describe("status while something is dead", () => {
  test.each(["server", "workflow-runner", "agent-runner"])(
    "says that the %s is gone, until it is back",
    async (victim) => {
      const platform = await freshPlatform();
      const pid = platform.pidOf(victim);
      const supervisor = supervisorOf(platform);
      process.kill(supervisor, "SIGSTOP"); // nobody mends while we look
      process.kill(pid, "SIGKILL");
      await vi.waitFor(() => expect(isRunning(pid)).toBe(false), UNTIL);
      const { status, stdout } = await platform.run(["status"]);
      process.kill(supervisor, "SIGCONT");
      expect({ status, line: stdout.split("\n").find((line) => line.startsWith(victim)) }).toEqual({
        status: 1,
        line: expect.stringContaining("its process is gone"),
      });
      await vi.waitFor(async () => expect((await platform.run(["status"])).status).toBe(0), UNTIL);
      expect(platform.pidOf(victim)).not.toBe(pid);
      expect(await platform.text(["status"])).toMatch(new RegExp(`${victim} .* 1\\s*\\n`));
    },
  );

  test("says that nothing runs when the supervisor was killed, and nothing does after 5 s", async () => {
    const platform = await freshPlatform();
    const cookie = JSON.parse(readFileSync(join(platform.home, "run/state.json"), "utf8")).cookie as string;
    process.kill(supervisorOf(platform), "SIGKILL");
    await vi.waitFor(async () => expect((await platform.run(["status"])).status).toBe(3), UNTIL);
    await vi.waitFor(() => expect(listProcesses(cookie)).toEqual([]), { timeout: 5_000, interval: 20 });
    expect((await platform.run(["up", "--port", "0"])).status).toBe(0);
  });
});

describe("a component that cannot start", () => {
  test("a replaced component is shown, and one that always ends is degraded with its last words", async () => {
    const home = freshHome();
    const script = join(home.home, "runner.sh");
    writeFileSync(script, "#!/bin/sh\necho 'I have no hands' >&2\nexit 1\n", { mode: 0o755 });
    const { status, stdout } = await home.run(["up", "--port", "0"], { env: { STIGMER_WORKFLOW_RUNNER_BIN: script } });
    expect(status).toBe(1);
    expect(stdout).toMatch(/workflow-runner +degraded .*I have no hands/);
    expect(stdout).toMatch(/server +ready/);
    const report = await home.run(["status", "--json"]);
    expect(memberAt(JSON.parse(report.stdout), ["components", "1", "replacedBy"])).toBe(script);
  });

  test.runIf(isRoot)("data of another user is refused with the way out", async () => {
    const home = freshHome();
    chmodSync(home.home, 0o755);
    chownSync(home.home, NOBODY, NOBODY);
    // The checkout may lie where the other user cannot look.
    const folder = createTestFolder();
    const executable = placeCopy(builtExecutable(), join(folder, "stigmer"));
    const run = (args: readonly string[]) =>
      spawnSync(executable, args, {
        encoding: "utf8",
        uid: NOBODY,
        gid: NOBODY,
        env: { STIGMER_HOME: home.home, HOME: home.home, PATH: process.env.PATH ?? "" },
      });
    mkdirSync(join(home.home, "data"), { mode: 0o700 });
    const { status, stderr } = run(["up", "--port", "0"]);
    expect(status).not.toBe(0);
    expect(stderr).toBe(
      `Error: Cannot start the platform: Cannot use "${home.home}/data": it belongs to user 0, this command runs as user ${NOBODY}\n` +
        `  try: sudo chown -R ${NOBODY} '${home.home}/data'\n`,
    );
    run(["down"]);
    // The home goes back to who removes it.
    spawnSync("chown", ["-R", String(process.getuid?.()), home.home]);
    rmSync(folder, { recursive: true });
  });
});
