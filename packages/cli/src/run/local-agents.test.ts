import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type CliBench, createCliBench, ROOT } from "./cli.testsuite.ts";

const AGENT = `
apiVersion: stigmer.ai/v1
kind: Agent
metadata: { namespace: shop, name: clerk }
spec:
  instructions: Answer.
  model:
    provider: scripted
    turns:
      - output: { answer: "yes" }
    loop: true
  outputSchema: { type: object, required: [answer], properties: { answer: { type: string } } }
`;
const WORKFLOW = `
document: { dsl: "1.0.3", namespace: shop, name: ask, version: "1.0.0" }
do:
  - first:
      call: agent
      with: { agent: clerk, message: "May I?" }
  - second:
      set: { said: "\${ .data.answer }" }
`;
const SECRET_AGENT = `
apiVersion: stigmer.ai/v1
kind: McpServer
metadata: { namespace: shop, name: teller }
spec:
  command: node
  args: ["-e", "process.exit(3)"]
  env: { KEY: { secret: TELLER_KEY } }
---
apiVersion: stigmer.ai/v1
kind: Agent
metadata: { namespace: shop, name: talker }
spec:
  instructions: Answer.
  mcpServers: [SERVER]
  model: { provider: scripted, turns: [{ text: hello }] }
`;

describe("run --local with agents", () => {
  let bench: CliBench;
  beforeAll(() => {
    bench = createCliBench();
    mkdirSync(join(bench.folder, "parts"));
    bench.write("parts/agent.yaml", AGENT);
    bench.write("ask.yaml", WORKFLOW);
    bench.write("both.yaml", `${AGENT}---${WORKFLOW}`);
    bench.write("clerk.yaml", AGENT);
  });
  afterAll(() => bench.remove());

  test.each([
    ["a folder of --subflows", ["-f", "ask.yaml", "--subflows", "parts"]],
    ["the file itself", ["-f", "both.yaml"]],
  ])("a workflow calls an agent of %s", async (_, words) => {
    const { status, stdout, stderr } = await bench.run("run", "--local", ...words, "--json");
    expect(stderr).toBe("");
    expect(status).toBe(0);
    const report = JSON.parse(stdout);
    expect(report).toMatchObject({ status: "completed", output: { said: "yes" } });
    expect(report.tasks.map((task: { name: string }) => task.name)).toEqual(["first", "second"]);
  });

  test("an agent runs by itself with -m", async () => {
    const { status, stdout } = await bench.run("run", "--local", "-f", "clerk.yaml", "-m", "May I?", "--json");
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      id: expect.stringMatching(/^aex_/),
      status: "completed",
      output: { data: { answer: "yes" }, steps: 1 },
    });
    const plain = await bench.run("run", "--local", "-f", "clerk.yaml", "-m", "May I?");
    expect(JSON.parse(plain.stdout)).toEqual({ answer: "yes" });
  });

  test("an agent's tools see the workspace that the workflow names", async () => {
    const example = join(ROOT, "examples/reviewer");
    const input = JSON.stringify({ release: "2.4", notes: join(example, "notes") });
    const words = ["-f", join(example, "workflow.yaml"), "--subflows", example, "--input", input];
    const { stdout } = await bench.run("run", "--local", ...words, "--json");
    expect(JSON.parse(stdout)).toMatchObject({ status: "completed", output: { released: false } });
  });

  test.each([
    ["no message", ["-f", "clerk.yaml"], "no message was given"],
    ["an agent that no document defines", ["-f", "ask.yaml"], 'no agent {"namespace":"shop","name":"clerk"}'],
  ])("%s is an error with its reason", async (_, words, reason) => {
    const { status, stderr } = await bench.run("run", "--local", ...words);
    expect(status).toBeGreaterThan(0);
    expect(stderr).toContain(reason);
  });

  test.each([
    ["a server that no document defines", "elsewhere", "elsewhere"],
    ["a secret that is not there", "teller", "TELLER_KEY"],
  ])("an agent with %s says so", async (_, server, reason) => {
    const file = bench.write("talker.yaml", SECRET_AGENT.replace("SERVER", server));
    const { status, stderr } = await bench.run("run", "--local", "-f", file, "-m", "hello");
    expect(status).toBeGreaterThan(0);
    expect(stderr).toContain(reason);
  });
});
