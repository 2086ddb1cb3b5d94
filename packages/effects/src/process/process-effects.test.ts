import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Json } from "@stigmer/durable";
import { afterEach, describe, expect, test } from "vitest";
import { failureOf, testContext } from "../effects.testsuite.ts";
import { createEffects, type EffectsOptions } from "../effects.ts";

const cleanups: (() => void)[] = [];
afterEach(() => {
  for (const cleanup of cleanups.splice(0).reverse()) cleanup();
});

interface More {
  readonly secrets?: Record<string, Json>;
  readonly signal?: AbortSignal;
  readonly options?: EffectsOptions;
}

function start(kind: string, input: Json, more: More = {}) {
  const { context, dispose } = testContext(more.secrets, more.signal);
  const effects = createEffects(more.options);
  cleanups.push(dispose, () => effects.close());
  const handler = effects.handlers[kind];
  if (!handler) throw new Error(`no effect ${kind}`);
  return { result: handler(input, context), workspaceDir: context.workspaceDir };
}

const run = (kind: string, input: Json, more?: More) => start(kind, input, more).result;
const secret = (expression: string): Json => ({ $deferred: { expression, input: null, variables: {} } });

describe("run: shell", () => {
  test("gets arguments, standard input and environment", async () => {
    const output = await run("shell", {
      command: 'input=$(cat); echo "$input $1 $2 $FOO"',
      arguments: ["a b", 2],
      stdin: "hello",
      environment: { FOO: "bar" },
    });
    expect(output).toBe("hello a b 2 bar\n");
  });

  test("a map of arguments becomes variables", async () => {
    expect(await run("shell", { command: 'printf "%s" "$name"', arguments: { name: "x; rm -rf /" } })).toBe(
      "x; rm -rf /",
    );
  });

  test.each<[string, Json]>([
    ["stdout", "out\n"],
    ["stderr", "err\n"],
    ["code", 0],
    ["all", { code: 0, stdout: "out\n", stderr: "err\n" }],
    ["none", null],
  ])("returns %s", async (returns, expected) => {
    expect(await run("shell", { command: "echo out; echo err >&2", return: returns })).toEqual(expected);
  });

  test("trims the last newline when told so", async () => {
    expect(await run("shell", { command: "echo out", trim: true })).toBe("out");
  });

  test("an exit code is a result for code and all, and a failure otherwise", async () => {
    expect(await run("shell", { command: "exit 3", return: "code" })).toBe(3);
    expect(await run("shell", { command: "echo x; exit 3", return: "all" })).toEqual({
      code: 3,
      stdout: "x\n",
      stderr: "",
    });
    expect(await failureOf(run("shell", { command: "echo why >&2; exit 3" }))).toMatchObject({
      type: "https://serverlessworkflow.io/spec/1.0.0/errors/runtime",
      status: 500,
      detail: "run: shell ended with exit code 3: why",
      data: { code: 3, stderr: "why" },
    });
  });

  test("works in the workspace, with a HOME of its own and nothing of ours", async () => {
    const { result, workspaceDir } = start("shell", {
      command: 'pwd; echo "$HOME"; env | grep -c STIGMER_ || true',
      trim: true,
    });
    const [folder, home, count] = String(await result).split("\n");
    expect(folder).toBe(workspaceDir);
    expect(home).toBe(join(workspaceDir, ".home"));
    expect(count).toBe("0");
  });

  test("secrets reach the process and no failure", async () => {
    const failed = await failureOf(
      run(
        "shell",
        { command: 'echo "it is $KEY" >&2; exit 1', environment: { KEY: secret("$secrets.key") } },
        { secrets: { key: "s3cr3t" } },
      ),
    );
    expect(failed.detail).toContain("it is [redacted]");
    expect(JSON.stringify(failed)).not.toContain("s3cr3t");
  });

  test("a cancelled command leaves no process", async () => {
    const abort = new AbortController();
    const { result, workspaceDir } = start(
      "shell",
      { command: "echo $$ > pid; sleep 60 & echo $! >> pid; mv pid pids; wait" },
      { signal: abort.signal },
    );
    const failed = failureOf(result);
    await exists(workspaceDir, "pids");
    const pids = readFileSync(join(workspaceDir, "pids"), "utf8").trim().split("\n").map(Number);
    abort.abort();
    expect(await failed).toMatchObject({ title: "Cancelled" });
    for (const pid of pids) expect(isRunning(pid)).toBe(false);
  });

  test("an effect that is repeated ends what is left of its last run first", async () => {
    const { context, dispose } = testContext();
    const effects = createEffects();
    cleanups.push(dispose, () => effects.close());
    const shell = (command: string) => effects.handlers.shell?.({ command, trim: true }, context) ?? Promise.reject();
    const lost = failureOf(shell("echo $$ > first; mv first pid; sleep 60"));
    await exists(context.workspaceDir, "pid");
    expect(await shell("kill -0 $(cat pid) 2> /dev/null && echo alive || echo gone")).toBe("gone");
    expect(await lost).toMatchObject({ detail: expect.stringContaining("exit code 143") });
  });

  test.each<[string, Json, string]>([
    ["no command", { arguments: [] }, "configuration"],
    ["a variable of ours", { command: "true", environment: { STIGMER_TOKEN: "x" } }, "configuration"],
    ["a name that is none", { command: "true", environment: { "A=B": "x" } }, "configuration"],
    ["an unknown return", { command: "true", return: "output" }, "configuration"],
    ["output without end", { command: "yes" }, "runtime"],
  ])("%s is refused", async (_name, input, type) => {
    const failed = await failureOf(run("shell", input, { options: { maxOutputBytes: 100_000 } }));
    expect(failed).toMatchObject({ type: expect.stringContaining(type), retryable: false });
  });
});

describe.each([
  [
    "js",
    "console.log(process.argv.slice(2).join())",
    "console.log(user.name)",
    "process.stdin.pipe(process.stdout)",
    "console.log(process.env.FOO)",
    "process.exit(4)",
  ],
  [
    "python",
    "import sys; print(','.join(sys.argv[1:]))",
    "print(user['name'])",
    "import sys; print(sys.stdin.read(), end='')",
    "import os; print(os.environ['FOO'])",
    "import sys; sys.exit(4)",
  ],
])("run: script in %s", (language, argv, variables, stdin, environment, exit) => {
  test("gets a list of arguments as argv", async () => {
    expect(await run("script", { language, code: argv, arguments: ["a", 1, { b: 2 }], trim: true })).toBe(
      'a,1,{"b":2}',
    );
  });

  test("gets a map of arguments as variables", async () => {
    expect(await run("script", { language, code: variables, arguments: { user: { name: "Ann" } } })).toBe("Ann\n");
  });

  test("gets standard input and environment", async () => {
    expect(await run("script", { language, code: stdin, stdin: "héllo" })).toBe("héllo");
    expect(await run("script", { language, code: environment, environment: { FOO: "bar" }, trim: true })).toBe("bar");
  });

  test("its exit code counts", async () => {
    expect(await run("script", { language, code: exit, return: "code" })).toBe(4);
  });

  test("a broken script says where", async () => {
    const failed = await failureOf(run("script", { language, code: "a = 1\nb = = 2" }));
    expect(failed.detail).toContain("SyntaxError");
    expect(failed.detail).not.toContain("base64");
  });
});

describe("run: script in js", () => {
  test("is an ES module with Node's own modules", async () => {
    const code = `import { readFileSync } from 'node:fs';
      const stdin = readFileSync(process.stdin.fd, 'utf8');
      const [, , first] = process.argv;
      console.log(await Promise.resolve(stdin + first));`;
    expect(await run("script", { language: "javascript", code, arguments: ["!"], stdin: "hi" })).toBe("hi!\n");
  });

  test("an error names the line and not the code's address", async () => {
    const failed = await failureOf(run("script", { language: "js", code: "\n\nthrow new Error('boom')" }));
    expect(failed.detail).toContain("boom");
    expect(failed.detail).toContain("script.mjs:3");
  });

  test.each(["@stigmer/lifecycle", "./main.ts", "@stigmer/effects"])("cannot import %s", async (name) => {
    const code = `try { await import(${JSON.stringify(name)}); console.log("in") } catch (error) { console.log("out") }`;
    expect(await run("script", { language: "js", code, trim: true })).toBe("out");
  });

  test("sees no variable of ours and leaves no file", async () => {
    const { result, workspaceDir } = start("script", {
      language: "js",
      code: "console.log(Object.keys(process.env).filter((name) => name.startsWith('STIGMER_')).length)",
      trim: true,
    });
    expect(await result).toBe("0");
    expect(readdirSync(join(workspaceDir, ".home"))).toEqual([]);
  });
});

describe("run: script, bad cases", () => {
  test("a missing interpreter is named", async () => {
    const path = process.env.PATH;
    process.env.PATH = "/nowhere";
    try {
      const failed = await failureOf(run("script", { language: "python", code: "print(1)" }));
      expect(failed).toMatchObject({ detail: expect.stringContaining("install Python 3"), retryable: false });
    } finally {
      process.env.PATH = path;
    }
  });

  test("an unknown language", async () => {
    expect(await failureOf(run("script", { language: "ruby", code: "" }))).toMatchObject({
      status: 400,
      detail: expect.stringContaining("js and python"),
    });
  });
});

describe("a secret that comes back", () => {
  const key = "s3cr3t/value";
  const environment = { KEY: secret("$secrets.key") };
  const base64 = Buffer.from(key).toString("base64");
  test.each<[string, string, Json, Json]>([
    ["as a text of the shell", "shell", { command: 'printf "%s" "$KEY"', environment }, "[redacted]"],
    ["inside a text", "shell", { command: 'printf "it is %s." "$KEY"', environment }, "it is [redacted]."],
    ["as base64", "shell", { command: 'printf "%s" "$KEY" | base64', environment, trim: true }, "[redacted]"],
    [
      "on both streams",
      "shell",
      { command: 'printf "%s" "$KEY"; printf "%s" "$KEY" >&2', environment, return: "all" },
      { code: 0, stdout: "[redacted]", stderr: "[redacted]" },
    ],
    [
      "from a script",
      "script",
      { language: "js", code: "console.log(JSON.stringify({ key: process.env.KEY }))", environment, trim: true },
      '{"key":"[redacted]"}',
    ],
  ])("%s is redacted", async (_, kind, input, output) => {
    const result = await run(kind, input, { secrets: { key } });
    expect(typeof result === "string" ? result.trim() : result).toEqual(output);
    expect(JSON.stringify(result)).not.toContain(base64);
  });
});

describe("secrets", () => {
  test("evaluates an expression with the secrets", async () => {
    const input = { expression: ".user + $suffix + $secrets.pass", input: { user: "ann" }, variables: { suffix: ":" } };
    expect(await run("secrets", input, { secrets: { pass: "s3cr3t" } })).toBe("ann:s3cr3t");
  });
});

async function exists(folder: string, name: string): Promise<void> {
  const deadline = Date.now() + 5_000;
  while (!readdirSync(folder).includes(name)) {
    if (Date.now() > deadline) throw new Error(`${name} did not appear`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !readFileSync(`/proc/${pid}/stat`, "utf8").includes(") Z ");
  } catch {
    return false;
  }
}
