import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { FAKE_TOKEN, listenFakeServer } from "@stigmer/runner-link/testsuite";
import { afterEach, beforeEach, expect, test } from "vitest";

let server: Awaited<ReturnType<typeof listenFakeServer>>;
let runner: ChildProcess;
let ready: Promise<unknown>;
const logs: string[] = [];

beforeEach(async () => {
  server = await listenFakeServer();
  const tokenFile = join(server.folder, "token");
  writeFileSync(tokenFile, FAKE_TOKEN, { mode: 0o600 });
  runner = spawn(process.execPath, [join(import.meta.dirname, "main.ts")], {
    stdio: ["pipe", "pipe", "pipe"],
    env: {
      PATH: process.env.PATH,
      STIGMER_HOME: server.folder,
      STIGMER_SOCKET: server.socket,
      STIGMER_TOKEN_FILE: tokenFile,
      STIGMER_PARENT_PIPE: "1",
    },
  });
  runner.stderr?.on("data", (data) => logs.push(String(data)));
  ready = firstLine(runner);
});
afterEach(async () => {
  if (runner.exitCode === null && runner.signalCode === null) {
    runner.kill("SIGKILL");
    await once(runner, "exit");
  }
  server.close();
});

async function firstLine(child: ChildProcess): Promise<unknown> {
  if (child.stdout === null) throw new Error("the runner has no standard output");
  for await (const line of createInterface({ input: child.stdout })) return JSON.parse(line);
  throw new Error(`the runner ended before it was ready: ${logs.join("")}`);
}

function startWorkflow(tasks: readonly object[], input: { readonly [key: string]: string } = {}) {
  return server.fake.start({
    program: "workflow",
    input: {
      definition: { document: { dsl: "1.0.0", namespace: "default", name: "test", version: "0.1.0" }, do: [...tasks] },
      execution: { id: "wex_00000000000000000000000001", namespace: "default", startedAtMs: Date.now() },
      input,
    } as never,
  });
}

async function serveJson(): Promise<{ readonly http: Server; readonly uri: string; readonly keys: string[] }> {
  const keys: string[] = [];
  const http = createServer((request, response) => {
    keys.push(String(request.headers["idempotency-key"]));
    response.setHeader("content-type", "application/json").end(JSON.stringify({ said: "hello" }));
  });
  http.listen(0, "127.0.0.1");
  await once(http, "listening");
  return { http, uri: `http://127.0.0.1:${(http.address() as AddressInfo).port}/`, keys };
}

test("a process of its own runs workflows: expressions, http, a shell command", async () => {
  expect(await ready).toMatchObject({ ready: { component: "workflow-runner", pid: runner.pid } });
  const { http, uri, keys } = await serveJson();
  const run = startWorkflow(
    [
      { ask: { call: "http", with: { method: "post", endpoint: uri, body: { a: 1 } } } },
      { say: { run: { shell: { command: "printf '%s' from-shell" } }, export: { as: "${ {shell: .} }" } } },
      { done: { set: { shell: "${ $context.shell }", name: "${ $workflow.input.name }" } } },
    ],
    { name: "Ada" },
  );
  expect(await run.ended).toEqual({ kind: "completed", output: { shell: "from-shell", name: "Ada" } });
  expect(keys).toHaveLength(1);
  expect(run.events.filter(({ type }) => type === "task.completed")).toHaveLength(3);
  http.close();
});

test("ends cleanly on SIGTERM", async () => {
  await ready;
  runner.kill("SIGTERM");
  expect(await once(runner, "exit")).toEqual([0, null]);
});

test("ends when its parent's pipe closes", async () => {
  await ready;
  runner.stdin?.end();
  expect(await once(runner, "exit")).toEqual([0, null]);
});
