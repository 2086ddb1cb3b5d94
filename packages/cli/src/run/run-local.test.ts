import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type CliBench, createCliBench } from "./cli.testsuite.ts";

const HEAD = 'document: { dsl: "1.0.3", namespace: tests, name: local, version: "1.0.0" }\n';
const EAR = "ear: { listen: { to: { one: { with: { type: wanted } } } } }";

describe("run --local", () => {
  let bench: CliBench;
  beforeAll(() => {
    bench = createCliBench();
    bench.write("listen.yaml", `${HEAD}do:\n  - ${EAR}\n`);
    bench.write(
      "fork.yaml",
      `${HEAD}do:\n  - both: { fork: { branches: [{ ${EAR} }, { nap: { wait: { milliseconds: 20 } } }] } }\n`,
    );
    bench.write("fault.yaml", `${HEAD}do:\n  - bad: { raise: { error: { type: "a:b", status: 400, title: Bad } } }\n`);
    bench.write(
      "events.json",
      JSON.stringify([{ afterMs: 30, event: { specversion: "1.0", id: "1", source: "urn:x", type: "wanted" } }]),
    );
  });
  afterAll(() => bench.remove());

  test.each([
    ["real time", "listen.yaml", "/do/0/ear", []],
    ["virtual time", "listen.yaml", "/do/0/ear", ["--virtual-time"]],
    ["a branch that has ended after it began", "fork.yaml", "/do/0/both/fork/branches/0/ear", []],
  ])("an event that never comes is an error with its place: %s", async (_, file, place, words) => {
    const end = await bench.run("run", "--local", ...words, "-f", file);
    expect(end).toEqual({
      status: 1,
      stdout: "",
      stderr:
        `Error: Cannot finish: the run waits at ${place} and no event is to come\n` +
        `  try: stigmer run --local -f ${file} --events FILE\n`,
    });
  });

  test.each([[[]], [["--virtual-time"]]])("an event that is to come is waited for %j", async (words) => {
    const end = await bench.run("run", "--local", ...words, "-f", "fork.yaml", "--events", "events.json");
    expect(end).toMatchObject({ status: 0, stderr: "" });
  });

  test("a fault does not name a command that would find nothing", async () => {
    const { status, stderr } = await bench.run("run", "--local", "-f", "fault.yaml");
    expect(status).toBe(1);
    expect(stderr).toMatch(/^Error: Execution wex_\w+ faulted: Bad\n {2}at \/do\/0\/bad\n$/);
  });

  test.each([
    [["--virtual-time", "flow"], "--virtual-time works only with --local"],
    [["--secrets", "f", "flow"], "--secrets works only with --local"],
    [["--events", "f", "flow"], "--events works only with --local"],
    [["--rewrite", "http://a=http://b", "flow"], "--rewrite works only with --local"],
    [["--strict-secrets", "flow"], "--strict-secrets works only with --local"],
    [["--local", "-f", "listen.yaml", "--detach"], "--detach works without --local"],
    [["--local", "-f", "listen.yaml", "--idempotency-key", "k"], "--idempotency-key works without --local"],
    [["--local", "-f", "listen.yaml", "--label", "a=b"], "--label works without --local"],
    [["--local", "-f", "listen.yaml", "--environment", "e"], "--environment works without --local"],
  ])("%j is an error of usage", async (words, message) => {
    const { status, stderr } = await bench.run("run", ...words);
    expect({ status, stderr }).toEqual({ status: 2, stderr: expect.stringContaining(`Cannot run: ${message}\n`) });
  });

  test("event publish blames its own option for data that is none", async () => {
    const { status, stderr } = await bench.run("event", "publish", "--type", "a", "--data", "{x");
    expect({ status, stderr }).toEqual({ status: 2, stderr: expect.stringMatching(/^Error: Cannot read --data: /) });
    expect(stderr).not.toContain("--input");
  });
});
