import { readFileSync } from "node:fs";
import { request } from "node:http";
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { memberAt, startTestPlatform, type TestHome } from "./platform-fixture.ts";

const STATUS = "/stigmer.v1.SystemService/Status";
const WORK = "/stigmer.v1.RunnerService/ResolveSecrets";

let platform: TestHome;
let port: number;
let token: string;
let runnerToken: string;
beforeAll(async () => {
  platform = await startTestPlatform();
  port = Number(String(memberAt(await platform.json(["status", "--json"]), ["address"])).split(":")[1]);
  token = readFileSync(join(platform.home, "auth/client-token"), "utf8").trim();
  runnerToken = readFileSync(join(platform.home, "run/tokens/workflow-runner"), "utf8").trim();
});
afterAll(() => platform?.remove());

/** A Connect call over plain HTTP; gives the status and the body. */
function post(path: string, headers: Readonly<Record<string, string>>): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const call = request(
      { host: "127.0.0.1", port, path, method: "POST", headers: { "content-type": "application/json", ...headers } },
      async (response) => {
        let body = "";
        for await (const chunk of response) body += chunk;
        resolve({ status: response.statusCode ?? 0, body });
      },
    );
    call.on("error", reject).end("{}");
  });
}

describe("the port", () => {
  test.each([
    ["without a token", STATUS, () => ({}), 401],
    ["with a wrong token", STATUS, () => ({ authorization: `Bearer ${"0".repeat(64)}` }), 401],
    ["with a runner's token where a client's belongs", STATUS, () => ({ authorization: `Bearer ${runnerToken}` }), 403],
    ["with a client's token where a runner's belongs", WORK, () => ({ authorization: `Bearer ${token}` }), 403],
    ["with a foreign Host", STATUS, () => ({ authorization: `Bearer ${token}`, host: "evil.example:7234" }), 421],
    [
      "with a Host that has another port",
      STATUS,
      () => ({ authorization: `Bearer ${token}`, host: `127.0.0.1:${port + 1}` }),
      421,
    ],
    [
      "with a foreign Origin",
      STATUS,
      () => ({ authorization: `Bearer ${token}`, origin: "https://evil.example" }),
      403,
    ],
    ["with an Origin of null", STATUS, () => ({ authorization: `Bearer ${token}`, origin: "null" }), 403],
    ["as a form", STATUS, () => ({ authorization: `Bearer ${token}`, "content-type": "text/plain" }), 415],
    ["with its token", STATUS, () => ({ authorization: `Bearer ${token}` }), 200],
  ])("%s", async (_, path, headers, status) => {
    const answer = await post(path, headers());
    expect({ status: answer.status, body: answer.body }).toEqual({ status, body: expect.not.stringContaining(token) });
  });

  test("gives health to everybody and nothing else", async () => {
    const answer = await fetch(`http://127.0.0.1:${port}/healthz`);
    expect({ status: answer.status, cors: answer.headers.get("access-control-allow-origin") }).toEqual({
      status: 200,
      cors: null,
    });
    expect((await answer.text()).length).toBeLessThan(50);
  });

  test("serves others beside two hundred half-open sockets, and ends those", async () => {
    const sockets = await Promise.all(Array.from({ length: 200 }, (_, at) => halfOpen(at)));
    const startedAt = performance.now();
    expect((await post(STATUS, { authorization: `Bearer ${token}` })).status).toBe(200);
    expect(await platform.run(["list", "-o", "json"])).toMatchObject({ status: 0 });
    expect(performance.now() - startedAt).toBeLessThan(5_000);
    await Promise.all(sockets.map(({ closed }) => closed));
  });
});

/** A connection that says nothing, half a greeting, or half a request. */
function halfOpen(at: number): Promise<{ readonly socket: Socket; readonly closed: Promise<void> }> {
  const words = ["", "P", "PRI * HT", `POST ${STATUS} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n`][at % 4] ?? "";
  return new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1", () => {
      socket.write(words);
      resolve({ socket, closed });
    });
    socket.on("error", reject);
    const closed = new Promise<void>((done) => socket.once("close", () => done()));
    socket.resume();
  });
}

describe("the home", () => {
  test("is readable by its owner alone where it matters", async () => {
    const { stdout } = await platform.shell(
      "find auth run/tokens run/*.sock run/state.json config.yaml -perm /077 2>/dev/null | sort",
      {
        cwd: platform.home,
      },
    );
    expect(stdout).toBe("");
    const folders = await platform.shell("stat -c %a auth run data logs", { cwd: platform.home });
    expect(folders.stdout).toBe("700\n700\n700\n700\n");
  });

  test("names no secret in words or environments of its processes", async () => {
    const { stdout } = await platform.shell(
      "cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ 2>/dev/null | tr '\\0' '\\n'",
    );
    expect(stdout).not.toContain(token);
    expect(stdout).not.toContain(runnerToken);
  });
});
