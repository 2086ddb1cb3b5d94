import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer as createTcpServer } from "node:net";
import { dirname, join } from "node:path";
import { ExecutionService, ResourceService, type StigmerError, SystemService } from "@stigmer/api";
import { createLogger, createRedactor, readComponentEnvironment } from "@stigmer/lifecycle";
import { describe, expect, test } from "vitest";
import { createServer } from "./create-server.ts";
import { clientOf, failureOf, makeHome, startTestServer } from "./server.testsuite.ts";

const MAIN = join(import.meta.dirname, "main.ts");

/** Opens a server that is expected to fail. */
async function openFailing(variables: Record<string, string>): Promise<StigmerError> {
  const environment = readComponentEnvironment({ STIGMER_PORT: "0", ...variables });
  const redactor = createRedactor();
  const log = createLogger({ component: "server", level: "error", redactor, write: () => {} });
  return failureOf(createServer({ environment, log, redactor, onFailure: () => {} }));
}

/** The server as a process; resolves with its ready line, or its exit code and last log lines. */
async function startProcess(home: string, variables: Record<string, string> = {}) {
  const child: ChildProcess = spawn(process.execPath, [MAIN], {
    env: { PATH: process.env.PATH, STIGMER_HOME: home, STIGMER_PORT: "0", ...variables },
    stdio: ["pipe", "pipe", "pipe"],
  });
  let out = "";
  let log = "";
  child.stderr?.on("data", (chunk: Buffer) => {
    log += chunk.toString();
  });
  const exited = once(child, "exit").then(([code]) => ({ code: code as number | null, log }));
  const ready = new Promise<string>((resolve) => {
    child.stdout?.on("data", (chunk: Buffer) => {
      out += chunk.toString();
      if (out.includes("\n")) resolve(out);
    });
  });
  const first = await Promise.race([ready, exited.then(() => "")]);
  return { child, exited, ready: first === "" ? undefined : JSON.parse(first).ready };
}

describe("createServer()", () => {
  test("names the owner of a port in use and offers another", async () => {
    using place = makeHome();
    const foreign = createTcpServer().listen(0, "127.0.0.1");
    await once(foreign, "listening");
    const address = foreign.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    const error = await openFailing({ STIGMER_HOME: place.home, STIGMER_PORT: String(port) });
    expect(error).toMatchObject({ reason: "PORT_IN_USE", hint: `stigmer up --port ${port + 1}` });
    if (process.platform === "linux") expect(error.message).toContain(`pid ${process.pid}`);
    foreign.close();
  });

  test.each(["0.0.0.0", "::", "192.0.2.1", "example.com"])("refuses to listen on %s", async (host) => {
    using place = makeHome();
    expect((await openFailing({ STIGMER_HOME: place.home, STIGMER_HOST: host })).reason).toBe("INSECURE_BIND");
  });

  test("a second server on the same data is refused, through a symlink too", async () => {
    await using running = await startTestServer();
    using place = makeHome();
    symlinkSync(join(running.home, "data"), join(place.home, "data"));
    for (const home of [running.home, place.home]) {
      const error = await openFailing({ STIGMER_HOME: home });
      expect(error).toMatchObject({ reason: "DATA_IN_USE", message: expect.stringContaining(String(process.pid)) });
    }
    await expect(running.client(SystemService).status({})).resolves.toBeDefined();
  });

  test("a lost key stops the start instead of losing the secrets", async () => {
    using place = makeHome();
    const first = await startTestServer({ home: place.home });
    await first.client(ResourceService).setSecret({ name: "A", value: "1" });
    await first.close();
    rmSync(first.environment.paths.secretKey);
    expect((await openFailing({ STIGMER_HOME: place.home })).reason).toBe("SECRET_UNREADABLE");
    writeFileSync(first.environment.paths.secretKey, `${"0".repeat(64)}\n`);
    expect((await openFailing({ STIGMER_HOME: place.home })).reason).toBe("SECRET_UNREADABLE");
  });

  test("values of secrets are kept out of the log, also inside maps", async () => {
    await using running = await startTestServer();
    const value = JSON.stringify({ user: "u", password: "pass-4711-word", list: ["list-4711-item"] });
    await running.client(ResourceService).setSecret({ name: "LOGIN", value });
    running.log.error("it went wrong with pass-4711-word and list-4711-item");
    expect(running.logs.at(-1)).toContain("[redacted] and [redacted]");
  });

  test("something that is no socket in the socket's place is not removed", async () => {
    using place = makeHome();
    mkdirSync(join(place.home, "run"), { recursive: true });
    writeFileSync(join(place.home, "run", "stigmer.sock"), "precious");
    expect((await openFailing({ STIGMER_HOME: place.home })).reason).toBe("SOCKET_IN_USE");
  });

  test("a long home gets its socket in a short private folder", async () => {
    using place = makeHome();
    const home = join(place.home, "d".repeat(60), "e".repeat(60));
    mkdirSync(home, { recursive: true });
    await using running = await startTestServer({ home });
    expect(running.server.socket.length).toBeLessThanOrEqual(100);
    expect((statSync(dirname(running.server.socket)).mode & 0o777).toString(8)).toBe("700");
    await expect(running.client(SystemService).status({})).resolves.toBeDefined();
    rmSync(dirname(running.server.socket), { recursive: true });
  });
});

describe("the server's process", () => {
  test("says ready when it serves, replaces a dead server's socket, and stops in time with a watcher open", async () => {
    using place = makeHome();
    const dead = await startProcess(place.home);
    dead.child.kill("SIGKILL");
    await dead.exited;
    const { child, exited, ready } = await startProcess(place.home);
    expect(ready).toMatchObject({
      component: "server",
      pid: child.pid,
      address: expect.stringMatching(/^127\.0\.0\.1:\d+$/),
    });
    const api = clientOf(ExecutionService, "socket", { socketPath: ready.socket });
    const source =
      'document: {dsl: "1.0.3", namespace: default, name: w, version: "1.0.0"}\ndo: [{one: {set: {a: 1}}}]\n';
    const stream = api.run({ start: { source } })[Symbol.asyncIterator]();
    await stream.next();
    const ended = (async () => {
      for (let next = await stream.next(); next.done !== true; next = await stream.next());
    })().catch(() => {});
    const startedAt = performance.now();
    child.kill("SIGTERM");
    const { code, log } = await exited;
    expect([code, log.includes("unexpected")]).toEqual([0, false]);
    expect(performance.now() - startedAt).toBeLessThan(5_000);
    await ended;
  });

  test.each([
    ["a foreign address", { STIGMER_HOST: "0.0.0.0" }, 78, "INSECURE_BIND"],
    ["a bad port", { STIGMER_PORT: "x" }, 78, "STIGMER_PORT"],
  ])("ends with its exit code for %s", async (_name, variables, code, word) => {
    using place = makeHome();
    const { exited } = await startProcess(place.home, variables);
    const end = await exited;
    expect(end.code).toBe(code);
    expect(end.log).toContain(word);
  });

  test("ends when its parent's pipe closes", async () => {
    using place = makeHome();
    const { child, exited, ready } = await startProcess(place.home, { STIGMER_PARENT_PIPE: "1" });
    expect(ready).toBeDefined();
    child.stdin?.end();
    expect((await exited).code).toBe(0);
  });
});
