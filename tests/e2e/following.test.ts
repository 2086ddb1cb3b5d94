import { appendFileSync, existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { startTouchCounter } from "../faults/touch-counter.ts";
import { memberAt, startTestPlatform, type TestHome } from "./platform-fixture.ts";

const UNTIL = { timeout: 20_000, interval: 20 } as const;

let platform: TestHome;
beforeAll(async () => {
  platform = await startTestPlatform();
  await platform.text(["apply", "-f", "examples/order-events/workflow.yaml"]);
  const file = join(platform.home, "touch.yaml");
  writeFileSync(
    file,
    `document: { dsl: "1.0.3", namespace: tests, name: touch, version: "1.0.0" }
do:
  - before: { set: "\${ . }", export: { as: "\${ {} }" } }
  - touch:
      call: http
      with: { method: post, endpoint: "\${ $workflow.input.address }", body: { step: "\${ $workflow.input.step }" } }
  - after: { set: { step: "\${ .step }" } }
`,
  );
  await platform.text(["apply", "-f", file]);
});
afterAll(() => platform?.remove());

async function phaseOf(id: string): Promise<unknown> {
  return memberAt(await platform.json(["get", id, "--json"]), ["phase"]);
}

async function publishPayment(id: string): Promise<void> {
  await platform.text(["event", "publish", "--type", "com.example.order.paid", "--id", id, "--data", '{"order": 7}']);
}

describe("Ctrl-C", () => {
  test.each(["run", "watch"])("detaches a %s, the execution goes on", async (command) => {
    const before = new Set((await platform.text(["list", "executions", "-o", "name"])).split("\n"));
    const args =
      command === "run"
        ? ["run", "order-events"]
        : ["watch", (await platform.text(["run", "order-events", "-d"])).trim()];
    const { child, ended } = platform.start(args);
    const id = await vi.waitFor(async () => {
      const all = (await platform.text(["list", "executions", "-o", "name", "--phase", "waiting"])).trim().split("\n");
      const [fresh] = all.filter((name) => name !== "" && !before.has(name));
      expect(fresh).toBeDefined();
      return fresh ?? "";
    }, UNTIL);
    child.kill("SIGINT");
    expect(await ended).toEqual({
      status: 130,
      stdout: "",
      stderr: expect.stringContaining("detached; stigmer watch wex_"),
    });
    expect(await phaseOf(id)).toBe("waiting");
    await publishPayment(`ctrl-c-${command}`);
    expect(await platform.json(["watch", id])).toEqual({ shipped: 7 });
  });

  test("ends logs -f", async () => {
    const { child, ended } = platform.start(["logs", "-f", "--tail", "1"]);
    await new Promise((resolve) => child.stdout?.once("data", resolve));
    child.kill("SIGINT");
    expect((await ended).status).toBe(130);
  });
});

describe("logs -f", () => {
  test("goes on over a rotation and a death of the server", async () => {
    const log = join(platform.home, "logs/server.log");
    const { child, ended } = platform.start(["logs", "server", "-f", "--tail", "1"]);
    const seen = { text: "" };
    child.stdout?.on("data", (chunk: Buffer) => {
      seen.text += chunk.toString();
    });
    await vi.waitFor(() => expect(seen.text).not.toBe(""), UNTIL);
    appendFileSync(log, "last of the old file\n");
    renameSync(log, `${log}.1`);
    appendFileSync(log, "first of the new file\n");
    await vi.waitFor(() => expect(seen.text).toContain("last of the old file\nfirst of the new file\n"), UNTIL);
    process.kill(platform.pidOf("server"), "SIGKILL");
    appendFileSync(log, "and on\n");
    await vi.waitFor(() => expect(seen.text).toContain("and on\n"), UNTIL);
    child.kill("SIGINT");
    await ended;
    expect(seen.text.match(/last of the old file/g)).toHaveLength(1);
  });
});

describe("a run that is followed", () => {
  test("survives the death of the server and prints its result once", async () => {
    const counter = await startTouchCounter(1_500);
    try {
      const input = JSON.stringify({ address: counter.address, step: "a" });
      const { ended } = platform.start(["run", "touch", "--input", input]);
      await counter.reached(1);
      process.kill(platform.pidOf("server"), "SIGKILL");
      const { status, stdout } = await ended;
      expect({ status, output: JSON.parse(stdout) }).toEqual({ status: 0, output: { step: "a" } });
      expect(counter.touches).toHaveLength(1);
    } finally {
      await counter.close();
    }
  });

  test("starts once when the server is killed as it is asked", async () => {
    const count = async () =>
      (await platform.text(["list", "executions", "--name", "touch", "-o", "name"])).split("\n").length;
    const counter = await startTouchCounter(1);
    try {
      const before = await count();
      for (let round = 0; round < 3; round++) {
        const input = JSON.stringify({ address: counter.address, step: `b${round}` });
        const { ended } = platform.start(["run", "touch", "--input", input]);
        setTimeout(() => process.kill(platform.pidOf("server"), "SIGKILL"), 60 + 40 * round);
        expect(await ended).toMatchObject({ status: 0, stdout: `{\n  "step": "b${round}"\n}\n` });
      }
      // The last kill may have come after the last answer.
      const isHealthy = async () => expect((await platform.run(["status"])).status).toBe(0);
      await vi.waitFor(isHealthy, { timeout: 20_000, interval: 100 });
      expect(await count()).toBe(before + 3);
    } finally {
      await counter.close();
    }
  });

  test("with an idempotency key of its own never runs twice", async () => {
    const counter = await startTouchCounter(1);
    try {
      const args = [
        "run",
        "touch",
        "--input",
        JSON.stringify({ address: counter.address, step: "c" }),
        "--idempotency-key",
        "k",
      ];
      const [first, second] = await Promise.all([
        platform.json([...args, "--json"]),
        platform.json([...args, "--json"]),
      ]);
      expect(memberAt(first, ["id"])).toBe(memberAt(second, ["id"]));
      expect(counter.touches).toHaveLength(1);
      const other = await platform.run(["run", "touch", "--input", "{}", "--idempotency-key", "k"]);
      expect(other).toMatchObject({ status: 1, stdout: "", stderr: expect.stringContaining("another request") });
    } finally {
      await counter.close();
    }
  });

  test("reports tasks, events and the life of the execution with --json", async () => {
    const counter = await startTouchCounter(1);
    try {
      const input = JSON.stringify({ address: counter.address, step: "d" });
      const report = await platform.json(["run", "touch", "--json", "--input", input]);
      expect(report).toMatchObject({
        status: "completed",
        output: { step: "d" },
        tasks: [
          { name: "before" },
          { name: "touch", reference: "/do/1/touch", status: "completed" },
          { name: "after" },
        ],
        emitted: [],
      });
      expect(report).not.toHaveProperty("error");
    } finally {
      await counter.close();
    }
  });
});

describe("pause, resume, cancel", () => {
  test("do what they say, and cancelled is exit 1", async () => {
    const id = (await platform.text(["run", "order-events", "--detach"])).trim();
    await vi.waitFor(async () => expect(await phaseOf(id)).toBe("waiting"), UNTIL);
    await platform.text(["pause", id]);
    await vi.waitFor(async () => expect(await phaseOf(id)).toBe("paused"), UNTIL);
    await platform.text(["resume", id]);
    await vi.waitFor(async () => expect(await phaseOf(id)).toBe("waiting"), UNTIL);
    await platform.text(["cancel", id]);
    const watched = await platform.run(["watch", id]);
    expect(watched).toMatchObject({ status: 1, stdout: "", stderr: expect.stringContaining("was cancelled") });
    expect((await platform.run(["cancel", id])).status).toBe(0);
    expect(await platform.run(["resume", id])).toMatchObject({
      status: 1,
      stderr: expect.stringContaining("it has ended"),
    });
  });
});

test("following ends with the reason when an execution is suspended", async () => {
  const file = join(platform.home, "large.yaml");
  writeFileSync(
    file,
    `document: { dsl: "1.0.3", namespace: tests, name: large, version: "1.0.0" }
do:
  - half: { set: { text: "\${ \\"0123456789\\" * 700000 }" } }
  - whole: { set: { texts: ["\${ .text }", "\${ .text }"] } }
`,
  );
  await platform.text(["apply", "-f", file]);
  const followed = await platform.run(["run", "large"]);
  expect(followed).toMatchObject({ status: 1, stdout: "" });
  const [, id = ""] = /^Error: Execution (wex_\w+) is suspended: STEP_TOO_LARGE\n/.exec(followed.stderr) ?? [];
  expect(followed.stderr).toContain(`try: stigmer resume ${id}\n`);
  const watched = await platform.run(["watch", id, "--json"]);
  expect({ status: watched.status, phase: JSON.parse(watched.stdout).status }).toEqual({
    status: 1,
    phase: "suspended",
  });
  expect(await platform.run(["watch", id, "-o", "jsonl"])).toMatchObject({ status: 1 });
});

test("no secret of the platform stands in its logs", async () => {
  const token = readFileSync(join(platform.home, "auth/client-token"), "utf8").trim();
  const runner = readFileSync(join(platform.home, "run/tokens/workflow-runner"), "utf8").trim();
  for (const name of ["server", "workflow-runner", "agent-runner", "supervisor"]) {
    const file = join(platform.home, `logs/${name}.log`);
    expect(existsSync(file)).toBe(true);
    const text = readFileSync(file, "utf8");
    expect(text).not.toContain(token);
    expect(text).not.toContain(runner);
  }
});
