import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { memberAt, startTestPlatform, type TestHome } from "./platform-fixture.ts";

const HEAD = 'document: { dsl: "1.0.3", namespace: tests, name: bad, version: "1.0.0" }\n';
const AGENT = "apiVersion: stigmer.ai/v1\nkind: Agent\nmetadata: { namespace: tests, name: bad }\nspec:\n";
const bomb = [
  "a: &a [x, x, x, x, x, x, x, x, x, x]",
  ...["b", "c", "d", "e", "f", "g", "h", "i"].map(
    (name, at) =>
      `${name}: &${name} [${Array(10)
        .fill(`*${String.fromCharCode(97 + at)}`)
        .join(", ")}]`,
  ),
].join("\n");

let platform: TestHome;
beforeAll(async () => {
  platform = await startTestPlatform();
});
afterAll(() => platform?.remove());

interface BadDocument {
  readonly what: string;
  readonly text: string;
  /** Where it is wrong: `line:column`. */
  readonly at: RegExp;
  readonly words: RegExp;
}

const DOCUMENTS: readonly BadDocument[] = [
  { what: "broken YAML", text: `${HEAD}do: [ {a: 1`, at: /:2:\d+/, words: /error/ },
  { what: "tabs for indentation", text: `${HEAD}do:\n\t- a: 1\n`, at: /:3:\d+/, words: /tab/i },
  { what: "a key twice", text: `${HEAD}do:\n  - a: { set: { x: 1 } }\ndo: []\n`, at: /:4:1/, words: /do/ },
  { what: "an unknown field", text: `${HEAD}doo:\n  - a: { set: { x: 1 } }\n`, at: /:2:1/, words: /doo[\s\S]*do\b/ },
  {
    what: "an unknown field in a task",
    text: `${HEAD}do:\n  - a:\n      call: http\n      with: { method: get, endpiont: "http://x" }\n`,
    at: /:5:\d+/,
    words: /endpiont[\s\S]*endpoint/,
  },
  { what: "a value of the wrong type", text: `${HEAD}do: 5\n`, at: /:2:\d+/, words: /list/ },
  { what: "a wrong type deep inside", text: `${HEAD}do:\n  - a: { wait: [] }\n`, at: /:3:\d+/, words: /map/ },
  {
    what: "a then to nothing",
    text: `${HEAD}do:\n  - a: { set: { x: 1 }, then: nowhere }\n`,
    at: /:3:\d+/,
    words: /nowhere/,
  },
  {
    what: "an undeclared retry policy",
    text: `${HEAD}do:\n  - a: { try: [ { b: { set: { x: 1 } } } ], catch: { retry: nowhere } }\n`,
    at: /:3:\d+/,
    words: /nowhere/,
  },
  { what: "an expression that is none", text: `${HEAD}do:\n  - a: { set: "\${ .x | }" }\n`, at: /:3:\d+/, words: /./ },
  { what: "an alias bomb", text: `${HEAD}do:\n  - a: { set: { x: 1 } }\n${bomb}\n`, at: /./, words: /alias/i },
  {
    what: "deep nesting",
    text: `${HEAD}do: ${"[".repeat(20_000)}${"]".repeat(20_000)}\n`,
    at: /./,
    words: /deep|nest/i,
  },
  {
    what: "a document of 5 MB",
    text: `${HEAD}# ${"x".repeat(5_000_000)}\ndo: []\n`,
    at: /./,
    words: /1048576/,
  },
  {
    what: "a kind that is none",
    text: "apiVersion: stigmer.ai/v1\nkind: Agnet\nmetadata: { name: a }\nspec: {}\n",
    at: /:2:\d+/,
    words: /Agnet[\s\S]*Agent/,
  },
  { what: "an agent without a model", text: `${AGENT}  instructions: hi\n`, at: /:\d+:\d+/, words: /model/ },
  {
    what: "an agent with an unknown field",
    text: `${AGENT}  instrutions: hi\n  model: { provider: scripted, turns: [] }\n`,
    at: /:5:\d+/,
    words: /instrutions[\s\S]*instructions/,
  },
  { what: "nothing at all", text: "", at: /./, words: /./ },
  { what: "binary", text: "\u0000\u0001\u0002", at: /./, words: /./ },
];

describe.each(DOCUMENTS)("$what", ({ text, at, words }) => {
  test("is refused with its place, offline and by the server", async () => {
    const file = join(platform.home, "bad.yaml");
    writeFileSync(file, text);
    for (const args of [
      ["validate", file],
      ["apply", "-f", file],
      ["run", "-f", file],
      ["run", "--local", "-f", file],
    ]) {
      const startedAt = performance.now();
      const { status, stdout, stderr } = await platform.run(args);
      expect({ args, status, stdout, stderr: stderr.slice(0, 2_000) }).toEqual({
        args,
        status: 2,
        stdout: "",
        stderr: expect.stringMatching(words),
      });
      expect(stderr).toMatch(at);
      expect(stderr).toMatch(/error/i);
      expect(stderr.length).toBeLessThan(20_000);
      expect(performance.now() - startedAt).toBeLessThan(15_000);
    }
    expect((await platform.run(["status"])).status).toBe(0);
  });
});

describe("references to nothing", () => {
  test.each([
    [
      "a workflow that no namespace has",
      "run: { workflow: { namespace: tests, name: nobody, version: '1.0.0' } }",
      /nobody/,
    ],
    ["an agent that does not exist", "call: agent\n      with: { agent: nobody, message: hi }", /nobody/],
  ])("%s faults the run with its place", async (_, task, words) => {
    const file = join(platform.home, "reference.yaml");
    writeFileSync(file, `${HEAD}do:\n  - a:\n      ${task}\n`);
    const { status, stdout, stderr } = await platform.run(["run", "-f", file]);
    expect({ stdout, stderr }).toEqual({ stdout: "", stderr: expect.stringMatching(words) });
    expect([1, 2]).toContain(status);
  });

  test("an environment that does not exist is refused at the start", async () => {
    await platform.text(["apply", "-f", "examples/fork-join/workflow.yaml"]);
    const { status, stderr } = await platform.run(["run", "fork-join", "--environment", "nobody"]);
    expect(status).not.toBe(0);
    expect(stderr).toContain("nobody");
  });

  test("a secret that is missing is refused at the start, by name", async () => {
    const file = join(platform.home, "secret.yaml");
    writeFileSync(file, `${HEAD}use: { secrets: [NO_SUCH_KEY] }\ndo:\n  - a: { set: { x: 1 } }\n`);
    const { status, stderr } = await platform.run(["run", "-f", file]);
    expect(status).not.toBe(0);
    expect(stderr).toContain("NO_SUCH_KEY");
  });
});

describe("a second writer", () => {
  test("with an etag that is stale changes nothing", async () => {
    const file = join(platform.home, "etag.yaml");
    const write = (value: number) =>
      writeFileSync(file, `${HEAD.replace("bad", "etag")}do:\n  - a: { set: { x: ${value} } }\n`);
    write(1);
    await platform.text(["apply", "-f", file]);
    const etag = String(memberAt(await platform.json(["get", "workflow", "etag", "--json"]), ["status", "etag"]));
    write(2);
    await platform.text(["apply", "-f", file, "--etag", etag]);
    write(3);
    const { status, stderr } = await platform.run(["apply", "-f", file, "--etag", etag]);
    expect(status).toBe(1);
    expect(stderr).toMatch(/^Error: Cannot .*etag.*\n {2}try: /s);
    expect(await platform.text(["get", "workflow", "etag", "--source"])).toContain("x: 2");
  });
});

describe("input", () => {
  test("of 20 MB is refused with the limit, of 1 MB goes through", async () => {
    await platform.text(["apply", "-f", "examples/fork-join/workflow.yaml"]);
    const big = (bytes: number) => JSON.stringify({ celsius: 1, ballast: "x".repeat(bytes) });
    const refused = await platform.run(["run", "fork-join", "--input", "-"], { input: big(20_000_000) });
    expect(refused.status).not.toBe(0);
    expect(refused.stderr).toMatch(/^Error: Cannot .*(large|bytes|MB|limit)/i);
    expect(await platform.run(["run", "fork-join", "--input", "-"], { input: big(1_000_000) })).toMatchObject({
      status: 0,
    });
  });

  test.each([
    ["{", 2],
    ["a: [1", 2],
    [`{"a": ${"[".repeat(100_000)}`, 2],
  ])("%.20j is refused", async (input, status) => {
    const run = await platform.run(["run", "fork-join", "--input", "-"], { input });
    expect(run).toMatchObject({ status, stdout: "", stderr: expect.stringMatching(/^Error: Cannot read the input/) });
  });
});
