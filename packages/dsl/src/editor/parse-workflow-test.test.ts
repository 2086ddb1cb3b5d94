import { describe, expect, test } from "vitest";
import { parseWorkflowTest } from "./parse-workflow-test.ts";

const GOOD = `
workflow: ./workflow.yaml
subflows: [./children]
allow: [shell, { http: http://127.0.0.1:1 }]
tests:
  - name: all members
    input: { a: 1 }
    secrets: { KEY: s3cret }
    environment: { REGION: north }
    mocks:
      - { task: fetch, times: 2, returns: null, delay: PT1S }
      - { url: "https://api.example.com/*", method: post, status: 503, headers: { retry-after: "1" }, body: { a: 1 } }
      - { function: price, error: { type: about:blank, status: 409 } }
      - { kind: agent, returns: { message: hello } }
    events:
      - { after: P30D, event: { type: paid } }
      - { afterMs: 5, event: { type: paid, source: /x, id: "1", data: 7, other: 1 } }
    decisions:
      - { task: ask, outcome: approve, data: { why: fine }, by: ada, after: PT1H }
    expect:
      status: completed
      output: { b: 2 }
      tasks: { order: [fetch, tell], statuses: { tell: completed } }
      calls: [{ task: fetch, times: 2, body: { a: 1 } }]
      emitted: [{ type: shipped }]
      duration: { exact: PT2S }
    chaos: false
`;

describe("parseWorkflowTest()", () => {
  test("reads a file with every member", () => {
    const { file, diagnostics } = parseWorkflowTest(GOOD);
    expect(diagnostics).toEqual([]);
    expect(file?.tests[0]?.mocks).toHaveLength(4);
  });

  const inTest = (line: string) => `workflow: a.yaml\ntests:\n  - name: t\n    ${line}\n`;
  test.each([
    ["", "empty-document", 1, 1],
    ["tests: [{ name: t }]", "missing-field", 1, 1],
    ["workflow: a.yaml\ntests: []", "too-few", 2, 1],
    [inTest("expct: {}"), "unknown-field", 4, 5],
    [inTest("mocks: [{ returns: 1 }]"), "missing-field", 4, 13],
    [inTest("mocks: [{ task: a, url: b }]"), "exclusive-fields", 4, 24],
    [inTest("mocks: [{ task: a, returns: 1, status: 200 }]"), "exclusive-fields", 4, 36],
    [inTest("mocks: [{ kind: htp, returns: 1 }]"), "wrong-value", 4, 21],
    [inTest("mocks: [{ task: a, delay: soon }]"), "invalid-duration", 4, 31],
    [inTest("events: [{ after: PT1S }]"), "missing-field", 4, 14],
    [inTest("expect: { status: done }"), "wrong-value", 4, 23],
    [inTest("expect: { duration: {} }"), "missing-field", 4, 15],
    [inTest("allow: [agent]"), "wrong-value", 4, 13],
    [`${inTest("input: 1")}  - name: t\n`, "duplicate-name", 5, 11],
  ])("points at the problem of %j", (text, code, line, column) => {
    const { file, diagnostics } = parseWorkflowTest(text);
    expect(file).toBeUndefined();
    expect(diagnostics[0]).toMatchObject({ code, line, column });
  });

  test("suggests the name that was meant", () => {
    const { diagnostics } = parseWorkflowTest(inTest("expct: {}"));
    expect(diagnostics[0]?.suggestion).toBe('Did you mean "expect"?');
  });
});
