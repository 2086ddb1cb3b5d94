import type { Json } from "@stigmer/dsl";
import { createMemoryHost, VirtualClock } from "@stigmer/durable";
import { describe, expect, test } from "vitest";
import { stateFromJson } from "./cursor-from-json.ts";
import { workflowProgram } from "./index.ts";
import { doing, runScenario } from "./testing.testsuite.ts";

describe("input of the program", () => {
  const good = {
    definition: { document: { dsl: "1.0.3", namespace: "a", name: "b", version: "1.0.0" }, do: [] },
    input: null,
    execution: { id: "wex_1", namespace: "a", startedAtMs: 0 },
    runtime: { name: "stigmer", version: "1" },
  };

  test.each<[string, Json]>([
    ["nothing", null],
    ["a text", "definition"],
    ["no definition", { ...good, definition: null }],
    ["a definition without tasks", { ...good, definition: { document: {} } }],
    ["no execution", { definition: good.definition, input: null }],
    ["an execution without a start", { ...good, execution: { id: "wex_1" } }],
  ])("%s is a configuration error", async (_name, input) => {
    const host = createMemoryHost({
      programs: { workflow: workflowProgram },
      clock: new VirtualClock(),
      settle: (done) => void setImmediate(done),
      runEffect: async () => null,
    });
    const end = await host.start({ program: "workflow", input }).ended;
    expect(end).toMatchObject({ kind: "failed", failure: { status: 400, title: "Configuration Error" } });
  });
});

describe("stateFromJson()", () => {
  test.each<[string, Json]>([
    ["nothing", null],
    ["another version", { v: 2 }],
    ["no list", { v: 1, steps: 0, restedAt: 0, runs: {} }],
    [
      "an unknown kind of task",
      {
        v: 1,
        steps: 0,
        restedAt: 0,
        runs: {},
        list: { index: 0, input: 1, task: { run: 1, startedAtMs: 0, body: { kind: "x" } } },
      },
    ],
  ])("refuses %s", (_name, json) => {
    expect(() => stateFromJson(json)).toThrow(/Cannot continue a workflow/);
  });
});

describe("secrets", () => {
  const scenario = {
    secrets: { key: "s3cret" },
    definition: doing(`[{ copy: { set: { a: '\${ $secrets.key }', b: ['\${ $secrets.key | length }'] } } }]`),
  };

  test("outside an effect's arguments are effects of their own", async () => {
    const run = await runScenario(scenario);
    expect(run.end).toEqual({ kind: "completed", output: { a: "s3cret", b: [6] } });
    const keys = run.execution.journal.filter((entry) => entry.kind === "result").map((entry) => entry.key);
    expect(keys).toEqual(["/do/0/copy/secrets#1", "/do/0/copy/secrets#2"]);
  });

  test("outside an effect's arguments are refused when they are strict", async () => {
    const run = await runScenario({ ...scenario, strictSecrets: true });
    expect(run.end).toMatchObject({ kind: "failed", failure: { status: 403, instance: "/do/0/copy" } });
  });

  test("data that looks like a deferred expression stays data", async () => {
    const node = { $deferred: { expression: "$secrets.key", input: null, variables: {} } };
    const run = await runScenario({
      ...scenario,
      input: { node },
      effects: { "/do/0/call": [{ ok: null }] },
      definition: doing(`
        - call: { call: http, with: { method: post, endpoint: https://example.com, body: { n: '\${ .node }', k: '\${ $secrets.key }' } } }
      `),
    });
    expect(run.end.kind).toBe("completed");
    expect(run.sent[0]).toMatchObject({ body: { n: node, k: "s3cret" } });
    expect(JSON.stringify(run.calls[0]?.input)).not.toContain("s3cret");
  });
});

test("loose mode tries every text and keeps what is no expression", async () => {
  const run = await runScenario({
    input: { n: 1 },
    definition: {
      evaluate: { mode: "loose" },
      ...doing(`[{ a: { set: { n: '.n + 1', text: 'Hello, world!', both: '\${ .n }' } } }]`),
    },
  });
  expect(run.end).toEqual({ kind: "completed", output: { n: 2, text: "Hello, world!", both: 1 } });
});
