import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { builtExecutable } from "./executable-fixture.ts";
import { createTestHome, memberAt, startTestPlatform, type TestHome } from "./platform-fixture.ts";

const ESCAPE = String.fromCharCode(27);
const UNKNOWN = "wex_01J00000000000000000000000";

let platform: TestHome;
beforeAll(async () => {
  platform = await startTestPlatform();
  await platform.text(["apply", "-f", "examples/data-flow/workflow.yaml", "-f", "examples/fork-join/workflow.yaml"]);
  await platform.text(["apply", "-f", "examples/order-events/workflow.yaml"]);
});
afterAll(() => platform?.remove());

describe("formats", () => {
  test.each([
    ["table", /^KIND {2,}NAME {2,}VERSION {2,}REVISION {2,}UPDATED\nWorkflow {2,}examples\/data-flow /],
    ["wide", /^KIND .* DIGEST {2,}LABELS\n.* sha256:[0-9a-f]{64}/],
    ["json", /^\[\n {2}\{\n {4}"apiVersion": "stigmer.ai\/v1"/],
    ["jsonl", /^\{"apiVersion":"stigmer.ai\/v1",.*\}\n\{/],
    ["yaml", /^- apiVersion: stigmer.ai\/v1\n {2}kind: Workflow\n/],
    ["name", /^examples\/data-flow\nexamples\/fork-join\nexamples\/order-events\n$/],
  ])("list -o %s", async (format, pattern) => {
    const { status, stdout, stderr } = await platform.run(["list", "-o", format]);
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(stdout).toMatch(pattern);
  });

  test("an empty list is empty data, and says so beside it", async () => {
    const list = (format: string) => platform.run(["list", "agents", "-o", format]);
    expect(await list("table")).toMatchObject({
      status: 0,
      stdout: "",
      stderr: expect.stringContaining("stigmer apply"),
    });
    const filtered = await platform.run(["list", "-l", "a=b"]);
    expect(filtered).toEqual({ status: 0, stdout: "", stderr: "nothing fits the filter; all: stigmer list\n" });
    expect(await list("json")).toEqual({ status: 0, stdout: "[]\n", stderr: "" });
    expect(await list("jsonl")).toEqual({ status: 0, stdout: "", stderr: "" });
  });

  test("every line of a list of executions as jsonl is an object", async () => {
    await platform.text(["run", "fork-join", "--input", '{"celsius": 1}']);
    const lines = (await platform.text(["list", "executions", "-o", "jsonl"])).trim().split("\n");
    for (const line of lines) expect(JSON.parse(line)).toMatchObject({ phase: "completed" });
  });

  test("watch -o jsonl prints the events in order", async () => {
    const id = (await platform.text(["run", "fork-join", "--input", '{"celsius": 1}', "--detach"])).trim();
    const lines = (await platform.text(["watch", id, "-o", "jsonl"])).trim().split("\n");
    const types = lines.map((line) => JSON.parse(line).type);
    expect(types[0]).toBe("execution.created");
    expect(types.at(-1)).toBe("execution.completed");
  });
});

describe("exit codes and errors", () => {
  test.each([
    ["a workflow that faults", ["run", "data-flow", "--input", "{}"], 1, "EXECUTION_FAULTED"],
    ["a word that is no command", ["aply"], 2, "USAGE"],
    ["an option that is none", ["run", "--inptu", "x"], 2, "USAGE"],
    ["a format that is none", ["list", "-o", "xml"], 2, "USAGE"],
    ["a kind that is none", ["list", "widgets"], 2, "USAGE"],
    ["an argument that is missing", ["watch"], 2, "USAGE"],
    ["input that is no JSON", ["run", "data-flow", "--input", "{x"], 2, "INVALID_INPUT"],
    ["an id that is none", ["watch", "nonsense"], 2, "INVALID_REQUEST"],
    ["a secret on the command line", ["secret", "set", "A", "value"], 2, "USAGE"],
    ["a workflow that does not exist", ["run", "nope"], 5, "RESOURCE_NOT_FOUND"],
    ["a resource that does not exist", ["get", "workflow", "nope"], 5, "RESOURCE_NOT_FOUND"],
    ["an execution that does not exist", ["watch", UNKNOWN], 5, "EXECUTION_NOT_FOUND"],
    ["cancelling an unknown execution", ["cancel", UNKNOWN], 5, "EXECUTION_NOT_FOUND"],
    ["pausing an unknown execution", ["pause", UNKNOWN], 5, "EXECUTION_NOT_FOUND"],
    ["describing an unknown execution", ["describe", UNKNOWN], 5, "EXECUTION_NOT_FOUND"],
    ["a file that does not exist", ["apply", "-f", "nowhere.yaml"], 5, "FILE_NOT_FOUND"],
    ["an etag that is stale", ["delete", "workflow", "order-events", "--etag", "0-9"], 1, "ETAG_MISMATCH"],
    ["a backup over something", ["backup", "/"], 1, "BACKUP_EXISTS"],
    ["a restore while it runs", ["restore", "/nowhere"], 1, "RESTORE_BLOCKED"],
  ])("%s", async (_, args, status, reason) => {
    const plain = await platform.run(args);
    expect({ status: plain.status, stdout: plain.stdout }).toEqual({ status, stdout: "" });
    expect(plain.stderr).toMatch(/^Error: (Cannot|Execution) .+\n( {2}at .+\n)?( {2}try: .+\n)?$/);
    const asJson = await platform.run([...args, "--json"]);
    if (/unknown option '--json'/.test(asJson.stderr)) return; // a command without data
    if (reason === "EXECUTION_FAULTED") return; // its object says how it ended
    expect({ status: asJson.status, stdout: asJson.stdout }).toEqual({ status, stdout: "" });
    expect(JSON.parse(asJson.stderr)).toEqual({
      error: expect.objectContaining({ reason, message: expect.any(String) }),
    });
  });

  test("without a server: 3, and the command that starts one", async () => {
    const home = createTestHome();
    try {
      const { status, stderr } = await home.run(["list"]);
      expect({ status, last: stderr.trimEnd().split("\n").at(-1) }).toEqual({ status: 3, last: "  try: stigmer up" });
      expect((await home.run(["status"])).status).toBe(3);
      expect((await home.run(["down"])).status).toBe(0);
    } finally {
      await home.remove();
    }
  });

  test("suggests what was meant", async () => {
    expect((await platform.run(["aply"])).stderr).toContain("apply");
    expect((await platform.run(["run", "--inptu"])).stderr).toContain("--input");
    expect((await platform.run(["secret", "st"])).stderr).toContain("set");
  });

  test("a faulted run with --json is an object on stdout with the problem", async () => {
    const { status, stdout } = await platform.run(["run", "data-flow", "--input", "{}", "--json"]);
    expect(status).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ status: "faulted", error: { status: 400, instance: "/input" } });
  });

  test("a name that stands in several namespaces is answered with the candidates", async () => {
    const document = readFileSync("examples/fork-join/workflow.yaml", "utf8").replace(
      "namespace: examples",
      "namespace: other",
    );
    await platform.text(["apply", "-f", "-"], { input: document });
    for (const args of [
      ["run", "fork-join"],
      ["get", "workflow", "fork-join"],
      ["delete", "workflow", "fork-join"],
    ]) {
      const { status, stderr } = await platform.run(args);
      expect(status).not.toBe(0);
      expect(stderr).toMatch(/examples.*other/);
    }
    const celsius = ["--input", '{"celsius": 1}'];
    expect(await platform.json(["run", "fork-join", "-n", "other", ...celsius])).toMatchObject({ celsius: 1 });
    expect(await platform.json(["run", "other/fork-join:1.0.0", ...celsius])).toMatchObject({ celsius: 1 });
    expect((await platform.run(["delete", "workflow", "other/fork-join"])).status).toBe(0);
  });
});

describe("a terminal", () => {
  /** Runs a command on a terminal of its own and gives what it painted. */
  function onTerminal(args: readonly string[], env: Readonly<Record<string, string>> = {}): string {
    const { stdout } = spawnSync("script", ["-qec", [builtExecutable(), ...args].join(" "), "/dev/null"], {
      encoding: "utf8",
      env: { PATH: process.env.PATH ?? "", HOME: platform.home, STIGMER_HOME: platform.home, TERM: "xterm", ...env },
      input: "",
    });
    return stdout;
  }
  const hasScript = spawnSync("script", ["--version"]).status === 0;
  const run = ["run", "fork-join", "--input", "examples/fork-join/input.json"];

  test.runIf(hasScript)("shows colours and one line per task", () => {
    const painted = onTerminal(run);
    expect(painted).toContain(ESCAPE);
    expect(painted).toContain("measure");
  });

  test.runIf(hasScript).each([{ NO_COLOR: "1" }, { CI: "true" }, { TERM: "dumb" }])("with %j is plain", (env) => {
    const painted = onTerminal(run, env);
    expect(painted).not.toContain(ESCAPE);
    expect(painted).toContain('"winner": "quick"');
  });

  test("piped, a run prints data alone", async () => {
    const { status, stdout, stderr } = await platform.run(run);
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(JSON.parse(stdout)).toMatchObject({ winner: "quick" });
  });
});

describe("status", () => {
  test("answers in less than 100 ms", async () => {
    // It waits for nothing, so its time is the processor time it takes; wall time would measure the neighbours.
    const times: number[] = [];
    for (let round = 0; round < 8; round++) {
      const { stdout } = await platform.shell("stigmer status >/dev/null; times");
      const children = [...(stdout.trim().split("\n").at(-1) ?? "").matchAll(/(\d+)m([\d.]+)s/g)];
      times.push(
        children.reduce((sum, [, minutes, seconds]) => sum + Number(minutes) * 60 + Number(seconds), 0) * 1_000,
      );
    }
    expect(Math.min(...times)).toBeGreaterThan(0);
    expect(Math.min(...times)).toBeLessThan(100);
  });

  test("names every component with its process", async () => {
    const report = await platform.json(["status", "--json"]);
    expect(report).toMatchObject({ health: "healthy", address: expect.stringMatching(/^127\.0\.0\.1:\d+$/) });
    for (const at of ["0", "1", "2"]) {
      expect(() => process.kill(Number(memberAt(report, ["components", at, "process", "pid"])), 0)).not.toThrow();
    }
  });
});

describe("settings", () => {
  test("are written, listed with their source, and removed", async () => {
    const sourceOf = async (key: string) => {
      const rows = (await platform.json(["config", "list", "--json"])) as { key: string }[];
      return rows.find((row) => row.key === key);
    };
    await platform.text(["config", "set", "port", "7300"]);
    expect(await sourceOf("port")).toMatchObject({ value: 7300, source: "file" });
    expect(statSync(join(platform.home, "config.yaml")).mode & 0o077).toBe(0);
    await platform.text(["config", "unset", "port"]);
    expect(await sourceOf("port")).toMatchObject({ value: 7234, source: "default" });
  });

  test.each([
    ["a key that is none", ["config", "set", "prot", "1"], "prot"],
    ["a value that is none", ["config", "set", "port", "many"], "many"],
    ["a level that is none", ["config", "set", "logLevel", "loud"], "loud"],
  ])("refuse %s", async (_, args, words) => {
    const { status, stderr } = await platform.run(args);
    expect(status).toBe(2);
    expect(stderr).toContain(words);
  });

  test("a file that is broken is named with its line", async () => {
    const file = join(platform.home, "config.yaml");
    writeFileSync(file, "host: 127.0.0.1\nport: 99999999\n");
    const { status, stderr } = await platform.run(["up"]);
    writeFileSync(file, "");
    expect(status).toBe(2);
    expect(stderr).toContain(`${file}:2:1`);
  });
});

describe("backup and restore", () => {
  test("bring back resources, secrets and executions", async () => {
    const copy = join(platform.home, "copy");
    await platform.text(["secret", "set", "TOKEN"], { input: "hush" });
    const id = (await platform.text(["run", "order-events", "--detach"])).trim();
    expect(await platform.json(["backup", copy, "--with-key", "--json"])).toMatchObject({ path: copy });
    const home = createTestHome();
    try {
      await home.text(["restore", copy]);
      await home.text(["up", "--port", "0"]);
      expect(await home.text(["secret", "list", "-o", "name"])).toBe("TOKEN\n");
      expect(await home.text(["list", "-o", "name"])).toContain("examples/data-flow\n");
      await home.text(["event", "publish", "-f", "examples/order-events/payment.json"]);
      expect(await home.json(["watch", id])).toEqual({ shipped: 7 });
    } finally {
      await home.remove();
    }
  });
});

describe("uninstall", () => {
  test("asks first, keeps the data, and removes everything when told to", async () => {
    const home = createTestHome();
    try {
      await home.text(["up", "--port", "0"]);
      await home.text(["apply", "-f", "examples/fork-join/workflow.yaml"]);
      expect((await home.run(["uninstall"])).status).toBe(2);
      await home.text(["uninstall", "--yes"]);
      expect(existsSync(join(home.home, "versions"))).toBe(false);
      await home.text(["up", "--port", "0"]);
      expect(await home.text(["list", "-o", "name"])).toBe("examples/fork-join\n");
      await home.text(["uninstall", "--yes", "--data"]);
      expect(existsSync(join(home.home, "data"))).toBe(false);
    } finally {
      await home.remove();
    }
  });
});

describe("completion", () => {
  test.each(["bash", "zsh", "fish"])("of %s knows commands and options", async (shell) => {
    const script = await platform.text(["completion", shell]);
    for (const word of ["restore", "secret", "idempotency-key"]) expect(script).toContain(word);
    const checker = spawnSync(shell, ["-n"], { input: script, encoding: "utf8" });
    if (!checker.error) expect(checker.stderr).toBe("");
  });
});

describe("doctor", () => {
  test("finds damage that hides behind size and time", async () => {
    expect((await platform.run(["doctor", "--verify"])).status).toBe(0);
    const file = join(platform.home, "bin/lib/guard.cjs");
    const before = statSync(file);
    const bytes = readFileSync(file);
    const damaged = Buffer.from(bytes);
    damaged.writeUInt8(damaged.readUInt8(10) ^ 1, 10);
    const write = (content: Buffer) => {
      writeFileSync(file, content);
      spawnSync("touch", ["-d", before.mtime.toISOString(), file]);
    };
    write(damaged);
    const { status, stdout } = await platform.run(["doctor", "--verify"]);
    write(bytes);
    expect(status).toBe(1);
    expect(stdout).toContain("lib/guard.cjs (changed)");
  });

  test("says what others can read", async () => {
    const token = join(platform.home, "auth/client-token");
    spawnSync("chmod", ["644", token]);
    const { status, stdout } = await platform.run(["doctor"]);
    spawnSync("chmod", ["600", token]);
    expect(status).toBe(1);
    expect(stdout).toContain(`chmod 600 ${token}`);
  });
});

describe("files of a run", () => {
  test("a folder of documents is applied whole, a bad one does not stop the others", async () => {
    const folder = join(platform.home, "documents");
    mkdirSync(folder);
    const named = (name: string) =>
      `document: { dsl: "1.0.3", namespace: many, name: ${name}, version: "1.0.0" }\ndo:\n  - a: { set: { b: 1 } }\n`;
    writeFileSync(join(folder, "one.yaml"), `${named("one")}---\n${named("two")}`);
    writeFileSync(join(folder, "three.yaml"), named("three").replace("set:", "sett:"));
    writeFileSync(join(folder, "zzz.yaml"), named("zzz"));
    const { status, stdout, stderr } = await platform.run(["apply", "-f", folder]);
    expect(status).toBe(2);
    expect(stdout).toBe("workflow many/one created\nworkflow many/two created\nworkflow many/zzz created\n");
    expect(stderr).toMatch(/three\.yaml:3:\d+: error: /);
  });

  test("a pipe that ends early is no failure", async () => {
    const { status, stdout } = await platform.shell("stigmer --help | head -1");
    expect({ status, stdout }).toEqual({ status: 0, stdout: "Usage: stigmer [options] [command]\n" });
  });
});
