import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type CliBench, createCliBench, ROOT } from "../run/cli.testsuite.ts";

const FLOW = `document: { dsl: "1.0.3", namespace: shop, name: flow, version: "1.0.0" }
do:
  - answer: { set: { a: 1, "b<": 2 } }
  - never: { if: "false", set: { c: 1 } }
`;
const TESTS = `workflow: flow.yaml
tests:
  - name: passes
  - name: 'fails & shows #1'
    expect:
      output: { a: 2, "b<": 2 }
`;

describe("stigmer test", () => {
  let bench: CliBench;
  beforeAll(() => {
    bench = createCliBench();
    bench.write("flow.yaml", FLOW);
    bench.write("flow.test.yaml", TESTS);
    bench.write("good.test.yaml", TESTS.slice(0, TESTS.indexOf("  - name: 'fails")));
  });
  afterAll(() => bench.remove());

  test("shows the difference at the line of the expectation, exit 1", async () => {
    const { status, stdout, stderr } = await bench.run("test", "flow.test.yaml");
    expect({ status, stderr }).toEqual({ status: 1, stderr: "" });
    expect(stdout.replaceAll(/\d+ ms/g, "N ms")).toBe(`flow.test.yaml
  ✓ passes N ms
  ✗ fails & shows #1 N ms
    The output differs (- expected, + actual)
    at flow.test.yaml:6:7
        {
      -   "a": 2,
      +   "a": 1,
          "b<": 2
        }
1 of 2 tests failed
`);
  });

  test("speaks TAP", async () => {
    const { status, stdout } = await bench.run("test", "flow.test.yaml", "--reporter", "tap");
    expect(status).toBe(1);
    expect(stdout.replaceAll(/\d+\.\d/g, "N")).toBe(`TAP version 14
ok 1 - flow.test.yaml: passes
  ---
  duration_ms: N
  ...
not ok 2 - flow.test.yaml: fails & shows \\#1
  ---
  duration_ms: N
  failures:
    - message: "The output differs"
      at: "flow.test.yaml:6:7"
      difference: |2
            {
          -   "a": 2,
          +   "a": 1,
              "b<": 2
            }
  ...
1..2
`);
  });

  test("speaks JUnit", async () => {
    const { status, stdout } = await bench.run("test", "flow.test.yaml", "--reporter", "junit");
    expect(status).toBe(1);
    expect(stdout).toContain('<testsuite name="flow.test.yaml" tests="2" failures="1" errors="0"');
    expect(stdout).toContain('name="fails &amp; shows #1"');
    expect(stdout).toContain('<failure message="The output differs">flow.test.yaml:6:7\n');
    expect(stdout).toContain("&quot;b&lt;&quot;: 2");
  });

  test.each([
    ["all files below the folder", [], 1],
    ["a file that passes", ["good.test.yaml"], 0],
    ["enough coverage", ["good.test.yaml", "--coverage-min", "50"], 0],
    ["too little coverage", ["good.test.yaml", "--coverage-min", "76"], 1],
    ["killed and replayed", ["good.test.yaml", "--chaos", "1"], 0],
    ["a filter", ["--filter", "passes"], 0],
    ["a filter that fits nothing", ["--filter", "nowhere"], 2],
    ["no such file", ["gone.test.yaml"], 5],
    ["a seed that is no number", ["--chaos", "x"], 2],
    ["an unknown reporter", ["--reporter", "html"], 2],
  ])("%s gives its exit code", async (_, words, exitCode) => {
    const { status, stdout, stderr } = await bench.run("test", ...words);
    expect({ status, output: `${stdout}${stderr}` }).toEqual({ status: exitCode, output: expect.any(String) });
  });

  test("coverage says what was missed", async () => {
    const { stdout } = await bench.run("test", "good.test.yaml", "--coverage");
    expect(stdout).toContain("shop/flow:1.0.0  1/2    1/2       50 %");
    expect(stdout).toContain("  flow.yaml:4: never /do/1/never if true\n");
  });

  test("an invalid file is exit 2 with its place, whatever else fails", async () => {
    bench.write("bad.test.yaml", "workflow: flow.yaml\ntests:\n  - nam: t\n");
    const { status, stderr } = await bench.run("test", "bad.test.yaml", "flow.test.yaml");
    expect(status).toBe(2);
    expect(stderr).toContain('bad.test.yaml:3:5: error: Unknown field "nam" in a test [unknown-field]');
    expect(stderr).toContain('Did you mean "name"?');
  });

  test("--watch runs again when a document changes, and ends with Ctrl-C", async () => {
    bench.write("watched.yaml", FLOW);
    bench.write("watched.test.yaml", TESTS.replace("flow.yaml", "watched.yaml"));
    const words = [join(ROOT, "packages/cli/src/main.ts"), "test", "watched.test.yaml", "--watch"];
    const child = spawn(process.execPath, words, {
      cwd: bench.folder,
      env: { PATH: process.env.PATH ?? "", HOME: bench.folder },
    });
    let output = "";
    const heard = (text: string) =>
      new Promise<void>((done, fail) => {
        const deadline = setTimeout(() => fail(new Error(`"${text}" never came: ${output}`)), 10_000);
        const look = () => {
          if (!output.includes(text)) return;
          clearTimeout(deadline);
          done();
        };
        child.stdout.on("data", look);
        child.stderr.on("data", look);
        look();
      });
    child.stdout.on("data", (chunk) => (output += chunk));
    child.stderr.on("data", (chunk) => (output += chunk));
    const ended = new Promise((done) => child.on("close", done));
    await heard("1 of 2 tests failed\nWaiting for changes");
    writeFileSync(join(bench.folder, "watched.yaml"), FLOW.replace("a: 1", "a: 2"));
    await heard("2 tests passed\nWaiting for changes");
    child.kill("SIGINT");
    expect(await ended).toBe(0);
  });
});
