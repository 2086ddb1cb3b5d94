import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ROOT } from "../run/cli.testsuite.ts";
import { findTestFiles } from "./find-test-files.ts";
import { type RunTestsParams, runTests } from "./run-tests.ts";
import type { TestSummary } from "./test-outcome.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "stigmer-test-runner-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function write(name: string, text: string): string {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
}

function workflow(body: string): string {
  return `document: { dsl: "1.0.3", namespace: shop, name: flow, version: "1.0.0" }\n${body}`;
}

function run(files: readonly string[], more: Partial<RunTestsParams> = {}): Promise<TestSummary> {
  const signal = new AbortController().signal;
  return runTests({ files, snapshots: "compare", coverage: "off", signal, onOutcome: () => {}, ...more });
}

/** Messages of the failures of one test of a workflow, with the lines of their places. */
async function failuresOf(body: string, testBody: string): Promise<readonly (readonly [number, string])[]> {
  write("flow.yaml", workflow(body));
  const file = write("flow.test.yaml", `workflow: flow.yaml\ntests:\n  - name: t\n${testBody}`);
  const { outcomes, invalid } = await run([file]);
  expect(invalid).toEqual([]);
  return outcomes.flatMap(({ failures }) =>
    failures.map(({ place, message }) => [Number(place.split(":").at(-2)), message] as const),
  );
}

const SET = "do: [{ answer: { set: { a: 1, b: { c: [1, 2] } } } }]";
const FETCH = `do:
  - fetch:
      call: http
      with: { method: post, endpoint: "https://api.example.com/orders/{id}", headers: { X-Key: k }, body: { id: "\${ .id }" }, output: response }
      output: { as: "\${ [.statusCode, .content] }" }`;

describe("the examples' own tests", () => {
  test.each(["calm", "killed and replayed"])("hold, %s", async (mode) => {
    const files = findTestFiles([join(ROOT, "examples")]);
    expect(files.length).toBeGreaterThanOrEqual(16);
    const { outcomes, invalid } = await run(files, mode === "calm" ? {} : { chaosSeed: 11 });
    expect(invalid).toEqual([]);
    expect(outcomes.filter(({ failures }) => failures.length > 0)).toEqual([]);
    expect(outcomes.length).toBeGreaterThanOrEqual(26);
  });
});

describe("expectations", () => {
  test.each([
    ["output", "{ a: 1, b: { c: [1, 2] } }"],
    ["outputMatches", "{ b: { c: [1, 2] } }"],
    ["status", "completed"],
    ["tasks", "{ order: [answer], statuses: { /do/0/answer: completed } }"],
    ["emitted", "[]"],
    ["duration", "{ exact: PT0S }"],
  ])("%s that hold", async (name, value) => {
    expect(await failuresOf(SET, `    expect:\n      ${name}: ${value}\n`)).toEqual([]);
  });

  test.each([
    ["output", "{ a: 1 }", "The output differs"],
    ["outputMatches", "{ b: { c: [1] } }", "The output does not match"],
    ["outputMatches", "{ d: 1 }", "The output does not match"],
    ["status", "faulted", 'It was to be faulted and is completed with {"a":1,"b":{"c":[1,2]}}'],
    ["error", "{ status: 400 }", 'It was to be faulted and is completed with {"a":1,"b":{"c":[1,2]}}'],
    ["emitted", "[{ type: a }]", "The emitted events do not match (0)"],
    ["calls", "[{ kind: http }]", "It was to be called at least once, 0 calls fit"],
  ])("%s: %s that does not hold is shown at its line", async (name, value, message) => {
    const failures = await failuresOf(SET, `    expect:\n      ${name}: ${value}\n`);
    expect(failures).toEqual([[5, message]]);
  });

  test("order and ends of tasks, durations", async () => {
    const body = 'do: [{ one: { wait: PT2S } }, { two: { set: { a: 1 } } }, { three: { if: "false", set: { a: 2 } } }]';
    const expected = `    expect:
      tasks:
        order: [two, one]
        statuses: { three: completed, two: completed }
      duration: { max: PT1S }
`;
    expect(await failuresOf(body, expected)).toEqual([
      [6, 'Task "one" did not start after "two"'],
      [7, 'Task "three" was to be completed and is skipped'],
      [8, "It was to take at most 1000 ms and took 2000 ms"],
    ]);
  });

  test("an error shows what it is", async () => {
    const body = "do: [{ fail: { raise: { error: { type: about:broken, status: 418, title: Broken } } } }]";
    expect(await failuresOf(body, "    expect: { output: 1 }\n")).toEqual([
      [3, "It was to be completed and is faulted: Broken, /do/0/fail"],
    ]);
    const expected = "    expect:\n      error: { status: 418, title: Other }\n";
    expect(await failuresOf(body, expected)).toEqual([[5, "The error does not match"]]);
  });

  test("a run that waits for ever says where", async () => {
    const body = "do: [{ hear: { listen: { to: { one: { with: { type: a } } } } } }]";
    const said = "It was to be completed and is waiting: /do/0/hear waits for what never comes";
    expect(await failuresOf(body, "    input: 1\n")).toEqual([[3, said]]);
  });

  test("years of waiting take less than a second", async () => {
    const startedAt = performance.now();
    const body = 'do: [{ sleep: { for: { in: "${ [range(24)] }" }, do: [{ month: { wait: P30D } }] } }]';
    expect(await failuresOf(body, "    expect: { duration: { exact: P720D } }\n")).toEqual([]);
    expect(performance.now() - startedAt).toBeLessThan(1_000);
  });
});

describe("mocks", () => {
  test.each([
    ["a response", "{ task: fetch, status: 201, body: { ok: true } }", "output: [201, { ok: true }]"],
    ["an address", '{ url: "https://api.example.com/orders/*", body: 1 }', "output: [200, 1]"],
    ["a method", '{ url: "https://api.example.com/orders/7", method: POST, body: 1 }', "output: [200, 1]"],
    ["a kind with a raw value", "{ kind: http, returns: { statusCode: 1, content: 2 } }", "output: [1, 2]"],
    ["a status that is refused", "{ task: /do/0/fetch, status: 404 }", "error: { status: 404 }"],
    [
      "401",
      "{ task: fetch, status: 401 }",
      "error: { type: https://serverlessworkflow.io/spec/1.0.0/errors/authentication }",
    ],
    [
      "an error",
      "{ task: fetch, error: { type: about:gone, status: 410 } }",
      "error: { type: about:gone, status: 410 }",
    ],
    ["a delay", "{ task: fetch, delay: PT5S, body: 1 }", "{ output: [200, 1], duration: { exact: PT5S } }"],
  ])("%s", async (_, mock, expected) => {
    const inBraces = expected.startsWith("{") ? expected : `{ ${expected} }`;
    expect(await failuresOf(FETCH, `    input: { id: 7 }\n    mocks: [${mock}]\n    expect: ${inBraces}\n`)).toEqual(
      [],
    );
  });

  test("calls are compared by their headers and bodies", async () => {
    const given = "    input: { id: 7 }\n    mocks: [{ task: fetch, body: 1 }]\n    expect:\n      calls:\n";
    const call = (body: string) => `        - { task: fetch, ${body} }\n`;
    expect(await failuresOf(FETCH, given + call("body: { id: 7 }, headers: { x-key: k }, times: 1"))).toEqual([]);
    expect(await failuresOf(FETCH, given + call("body: { id: 8 }"))).toEqual([
      [8, "It was to be called at least once, 0 calls fit and 1 others do not"],
    ]);
  });

  test("the tasks of extensions are mocked by their names", async () => {
    const audit = "{ call: http, with: { method: post, endpoint: https://audit.example.com } }";
    const body = `use: { extensions: [{ log: { extend: set, after: [{ audit: ${audit} }] } }] }\n${SET}`;
    const given = "    mocks: [{ task: audit, status: 204 }]\n    expect: { calls: [{ task: audit, times: 1 }] }\n";
    expect(await failuresOf(body, given)).toEqual([]);
  });

  test.each([
    [
      "no mock",
      "",
      'Task "fetch" (/do/0/fetch) asks for POST https://api.example.com/orders/7, which no mock answers; add a mock {task: fetch, returns: …} or allow: [{http: https://api.example.com}]',
    ],
    [
      "a mock that is used up",
      "    mocks: [{ task: fetch, times: 1, status: 503 }]\n",
      'Task "fetch" (/do/0/try/try/0/fetch) asks for POST https://api.example.com/orders/7 once more than its mocks answer; raise "times" or add a mock',
    ],
  ])("%s fails the test, even where the workflow catches it", async (_, mocks, message) => {
    const fetch = FETCH.slice("do:\n".length).replaceAll("\n", "\n        ");
    const caught = `do:\n  - try:\n      try:\n        ${fetch}\n      catch: { retry: { limit: { attempt: { count: 1 } } }, do: [{ on: { set: { a: 1 } } }] }\n`;
    const failures = await failuresOf(mocks === "" ? FETCH : caught, `    input: { id: 7 }\n${mocks}`);
    expect(failures[0]).toEqual([3, message]);
  });

  test("processes need to be allowed", async () => {
    const body = "do: [{ say: { run: { shell: { command: printf hello } } } }]";
    const [refused] = await failuresOf(body, "    input: 1\n");
    expect(refused?.[1]).toContain("asks for shell, which no mock answers");
    expect(await failuresOf(body, "    allow: [shell]\n    expect: { output: hello }\n")).toEqual([]);
  });

  test("secrets and variables of the environment are given", async () => {
    const body = `use: { secrets: [KEY] }
do:
  - send:
      call: http
      with: { method: get, endpoint: "https://a.example.com/x", headers: { authorization: "\${ $secrets.KEY }" } }
  - tell: { set: "\${ $runtime.metadata.variables.REGION }" }`;
    const given = `    secrets: { KEY: s3cret }
    environment: { REGION: north }
    mocks: [{ task: send, body: 1 }]
    expect: { output: north, calls: [{ task: send, headers: { authorization: s3cret } }] }
`;
    expect(await failuresOf(body, given)).toEqual([]);
  });
});

describe("decisions", () => {
  const ASK = `do:
  - ask:
      call: human
      with:
        title: "\${ .what }"
        approvers: [ada]
        form: { type: object, required: [why] }
        escalation: { after: PT1H, approvers: [cleo] }
        timeout: { after: P1D, outcome: reject }
  - tell: { set: "\${ {outcome, by, why: .data.why} }" }`;
  const given = (decision: string, expected: string) =>
    `    input: { what: May it go out? }\n    decisions: [${decision}]\n    expect: ${expected}\n`;

  test.each([
    [
      "the first approver answers at once",
      "{ task: ask, outcome: approve, data: { why: fine } }",
      "{ output: { outcome: approve, by: ada, why: fine }, duration: { exact: PT0S } }",
    ],
    [
      "another one after the escalation",
      "{ task: ask, outcome: reject, by: cleo, after: PT2H, data: { why: no } }",
      "{ output: { outcome: reject, by: cleo, why: no }, duration: { exact: PT2H } }",
    ],
    ["nobody", "", "{ output: { outcome: reject, by: null, why: null }, duration: { exact: P1D } }"],
    [
      "somebody who may not",
      "{ task: ask, outcome: approve, by: eve, data: { why: mine } }",
      "{ output: { outcome: reject, by: null, why: null }, duration: { exact: P1D } }",
    ],
  ])("%s", async (_, decision, expected) => {
    expect(await failuresOf(ASK, given(decision, expected))).toEqual([]);
    const { outcomes } = await run([join(folder, "flow.test.yaml")], { chaosSeed: 5 });
    expect(outcomes.flatMap(({ failures }) => failures)).toEqual([]);
  });

  test("each question of a loop takes the next one", async () => {
    const body = `do:
  - loop:
      for: { in: "\${ [1, 2] }" }
      do: [{ ask: { call: human, with: { title: Go on? } } }, { take: { set: "\${ .outcome }" } }]`;
    const decisions = "{ task: ask, outcome: approve }, { task: ask, outcome: reject }";
    const order = "[ask, take, ask, take]";
    const answers = given(decisions, `{ output: reject, tasks: { order: ${order} } }`);
    expect(await failuresOf(body, answers)).toEqual([]);
  });
});

describe("snapshots", () => {
  test("are missing, written, compared, and taken anew", async () => {
    write("snap.yaml", workflow(SET));
    const text = "workflow: snap.yaml\ntests:\n  - name: t\n    expect:\n      outputSnapshot: true\n";
    const file = write("snap.test.yaml", text);
    const messages = async (more: Partial<RunTestsParams>) =>
      (await run([file], more)).outcomes.flatMap(({ failures }) => failures.map(({ message }) => message));
    expect((await messages({}))[0]).toContain("There is no snapshot");
    expect(await messages({ snapshots: "update" })).toEqual([]);
    expect(JSON.parse(readFileSync(join(folder, "snap.test.snapshots.json"), "utf8"))).toEqual({
      t: { a: 1, b: { c: [1, 2] } },
    });
    expect(await messages({})).toEqual([]);
    write("snap.yaml", workflow(SET.replace("a: 1", "a: 2")));
    expect((await messages({}))[0]).toContain("differs from its snapshot");
    expect(await messages({ snapshots: "update" })).toEqual([]);
    expect(await messages({})).toEqual([]);
  });
});

describe("files", () => {
  test.each([
    ["no such workflow", "workflow: gone.yaml\ntests: [{ name: t }]", 'There is no file "gone.yaml" beside this one'],
    ["no workflow in it", "workflow: notes.yaml\ntests: [{ name: t }]", "This file holds no workflow and no agent"],
    ["an invalid workflow", "workflow: wrong.yaml\ntests: [{ name: t }]", 'Unknown field "doo" in a workflow'],
    [
      "a task that does not exist",
      "workflow: right.yaml\ntests: [{ name: t, mocks: [{ task: anwser, returns: 1 }] }]",
      'No document of this test has a task "anwser"',
    ],
    ["no tests", "workflow: right.yaml\ntests: []", "There must be at least 1 item here"],
  ])("%s is an invalid file", async (_, text, message) => {
    write("right.yaml", workflow(SET));
    write("wrong.yaml", workflow(SET.replace("do:", "doo:")));
    write(
      "notes.yaml",
      "apiVersion: stigmer.ai/v1\nkind: Environment\nmetadata: { name: e }\nspec: { variables: { A: 1 } }\n",
    );
    const { outcomes, invalid } = await run([write("files.test.yaml", text)]);
    expect(outcomes).toEqual([]);
    const messages = invalid.flatMap(({ problems }) =>
      problems.flatMap(({ diagnostics }) => diagnostics.map((one) => one.message)),
    );
    expect(messages).toContain(message);
  });

  test("the name of a task is guessed", async () => {
    write("right.yaml", workflow(SET));
    const file = write("guess.test.yaml", "workflow: right.yaml\ntests: [{ name: t, mocks: [{ task: anwser }] }]");
    const { invalid } = await run([file]);
    expect(invalid[0]?.problems[0]?.diagnostics[0]).toMatchObject({ suggestion: 'Did you mean "answer"?', line: 2 });
  });

  test("a filter leaves the others out", async () => {
    write("right.yaml", workflow(SET));
    const file = write("filter.test.yaml", "workflow: right.yaml\ntests: [{ name: one }, { name: two }]");
    expect((await run([file], { filter: "tw" })).outcomes.map(({ name }) => name)).toEqual(["two"]);
  });
});

describe("chaos", () => {
  test("finds a result that depends on a crash", async () => {
    const body = `do:
  - count:
      run: { shell: { command: 'printf x >> "$FILE"; wc -c < "$FILE"', environment: { FILE: "\${ .file }" } } }
      output: { as: "\${ trim | tonumber }" }
  - wait: { wait: PT1S }`;
    write("flow.yaml", workflow(body));
    const input = JSON.stringify({ file: join(folder, "count") });
    const text = `workflow: flow.yaml\ntests:\n  - name: t\n    input: ${input}\n    allow: [shell]\n`;
    const { outcomes } = await run([write("flow.test.yaml", text)], { chaosSeed: 3 });
    expect(outcomes[0]?.failures[0]?.message).toBe("Killed and replayed (--chaos 3), it comes out otherwise");
  });
});
