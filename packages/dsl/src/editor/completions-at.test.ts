import { compileJq } from "@stigmer/jq";
import { describe, expect, test } from "vitest";
import { completionsAt } from "./completions-at.ts";
import type { EditedKind } from "./document-grammar.ts";
import { JQ_FUNCTIONS } from "./jq-functions.ts";

const HEAD = `document: { dsl: "1.0.3", namespace: shop, name: flow, version: "1.0.0" }
use:
  secrets: [API_KEY]
  timeouts: { short: { after: PT1S } }
  errors: { gone: { type: "https://example.com/gone", status: 410 } }
  functions: { price: { set: 1 } }
  retries: { patient: { delay: PT1S } }
`;

/** Completions at the `¦` of a text. */
function at(text: string, kind: EditedKind = "definition") {
  const offset = text.indexOf("¦");
  const before = text.slice(0, offset);
  const position = { line: before.split("\n").length, column: offset - before.lastIndexOf("\n") };
  return completionsAt(text.replace("¦", ""), position, kind);
}

function labels(text: string, kind?: EditedKind): readonly string[] {
  return at(text, kind).map(({ label }) => label);
}

describe("fields", () => {
  test.each([
    ["of the document", "doc¦", ["document", "input", "use", "do"], ["call"]],
    ["that are missing yet", `${HEAD}¦`, ["do", "input", "output", "schedule"], ["document", "use"]],
    ["of the header", "document:\n  dsl: 1.0.3\n  ¦", ["namespace", "name", "version", "title"], ["dsl"]],
    [
      "of a task without a kind",
      `${HEAD}do:\n  - one:\n      ¦`,
      ["call", "set", "wait", "if", "then", "try"],
      ["document"],
    ],
    [
      "of a task of a kind",
      `${HEAD}do:\n  - one:\n      wait: PT1S\n      ¦`,
      ["if", "then", "input"],
      ["set", "call", "wait"],
    ],
    [
      "of a call",
      `${HEAD}do:\n  - one:\n      call: http\n      with:\n        me¦`,
      ["method", "endpoint", "body"],
      ["document"],
    ],
    [
      "of a call before its method",
      `${HEAD}do:\n  - one:\n      call: http\n      with:\n        ¦\n        method: get\n`,
      ["endpoint"],
      ["method"],
    ],
    ["in braces", `${HEAD}do:\n  - one: { call: http, with: { method: get, ¦ } }`, ["endpoint", "query"], ["method"]],
    ["in braces that are open", `${HEAD}do:\n  - one: { call: http, with: { ¦`, ["method", "endpoint"], []],
    ["of a case", `${HEAD}do:\n  - one:\n      switch:\n        - first:\n            ¦`, ["when", "then"], ["do"]],
    ["of an agent", "apiVersion: stigmer.ai/v1\nkind: Agent\nspec:\n  ¦", ["instructions", "model", "tools"], ["do"]],
    [
      "of an envelope's workflow",
      "apiVersion: stigmer.ai/v1\nkind: Workflow\nspec:\n  ¦",
      ["document", "do"],
      ["model"],
    ],
    ["of a kind of resource", "apiVersion: stigmer.ai/v1\n¦", ["kind", "metadata", "spec"], ["do"]],
  ])("%s", (_, text, wanted, unwanted) => {
    const found = labels(text);
    expect(found).toEqual(expect.arrayContaining(wanted));
    for (const label of unwanted) expect(found).not.toContain(label);
  });

  test("come with docs, and with a colon where there is none", () => {
    const [found] = at(`${HEAD}do:\n  - one:\n      wait: PT1S\n      th¦`).filter(({ label }) => label === "then");
    expect(found).toEqual({
      label: "then",
      kind: "field",
      doc: "What comes next: continue, exit, end or the name of a task.",
      insert: "then: ",
      replaces: 2,
    });
    expect(at("do¦: []").find(({ label }) => label === "document")).toMatchObject({ insert: "document", replaces: 2 });
    expect(at("¦").find(({ label }) => label === "do")).toMatchObject({ insert: "do:", replaces: 0 });
  });

  test("of a test file", () => {
    expect(labels("workflow: a.yaml\ntests:\n  - name: t\n    ¦", "test")).toEqual(
      expect.arrayContaining(["mocks", "expect"]),
    );
    expect(labels("tests:\n  - mocks:\n      - kind: ¦", "test")).toEqual(expect.arrayContaining(["http", "agent"]));
  });
});

describe("names of tasks in a test file", () => {
  const inTest = (rest: string) => `workflow: a.yaml\ntests:\n  - name: t\n    ${rest}`;
  test.each([
    ["a mock", inTest("mocks:\n      - task: ¦")],
    ["a call in braces", inTest("expect: { calls: [{ task: f¦ }] }")],
    ["an order", inTest("expect:\n      tasks:\n        order: [¦]")],
    ["an order in lines", inTest("expect:\n      tasks:\n        order:\n          - ¦")],
    ["a status", inTest("expect:\n      tasks:\n        statuses:\n          ¦")],
  ])("%s", (_, text) => {
    const before = text.slice(0, text.indexOf("¦"));
    const position = { line: before.split("\n").length, column: before.length - before.lastIndexOf("\n") };
    const found = completionsAt(text.replace("¦", ""), position, "test", ["fetch", "tell"]);
    expect(found.map(({ label }) => label)).toEqual(["fetch", "tell"]);
  });
});

describe("values", () => {
  test.each([
    [
      "of a choice",
      `${HEAD}do:\n  - one:\n      call: http\n      with:\n        output: ¦`,
      ["raw", "content", "response"],
    ],
    ["true and false", `${HEAD}do:\n  - one:\n      call: http\n      with: { redirect: ¦ }`, ["true", "false"]],
    ["protocols and functions", `${HEAD}do:\n  - one:\n      call: ¦`, ["http", "agent", "price"]],
    [
      "tasks to go to",
      `${HEAD}do:\n  - one:\n      set: 1\n      then: t¦\n  - two:\n      set: 2`,
      ["one", "two", "exit", "end"],
    ],
    [
      "tasks a case may go to",
      `${HEAD}do:\n  - one:\n      switch:\n        - a: { then: ¦ }\n  - two:\n      set: 2`,
      ["two", "continue"],
    ],
    ["names of timeouts", `${HEAD}do:\n  - one:\n      set: 1\n      timeout: ¦`, ["short"]],
    ["names of errors", `${HEAD}do:\n  - one:\n      raise:\n        error: ¦`, ["gone"]],
    ["names of retries", `${HEAD}do:\n  - one:\n      try: []\n      catch:\n        retry: ¦`, ["patient"]],
    ["kinds of resources", "apiVersion: stigmer.ai/v1\nkind: ¦", ["Agent", "Workflow", "McpServer", "Environment"]],
    [
      "providers of models",
      "apiVersion: stigmer.ai/v1\nkind: Agent\nspec:\n  model:\n    provider: ¦",
      ["ollama", "scripted"],
    ],
    ["items of a list", "apiVersion: stigmer.ai/v1\nkind: Agent\nspec:\n  tools:\n    - ¦", ["read_file"]],
  ])("%s", (_, text, wanted) => {
    expect(labels(text)).toEqual(expect.arrayContaining(wanted));
  });
});

describe("expressions", () => {
  const inTask = (task: string) => `${HEAD}do:\n  - one:\n      ${task}`;
  test.each([
    ["variables", inTask('set: "${ $¦ }"'), ["$context", "$input", "$secrets", "$workflow"]],
    ["functions", inTask('set: "${ .a | ma¦ }"'), ["map(f)", "max", "$input"]],
    ["without braces where they are not needed", inTask("if: $con¦"), ["$context", "$task"]],
    ["names of secrets", inTask('call: http\n      with: { headers: { key: "${ $secrets.A¦ }" } }'), ["API_KEY"]],
    [
      "variables of loops",
      inTask("for: { each: pet, in: .pets }\n      do:\n        - in:\n            if: $¦"),
      ["$pet", "$index"],
    ],
    ["the caught error", inTask("try: []\n      catch:\n        as: bad\n        when: $¦"), ["$bad"]],
  ])("%s", (_, text, wanted) => {
    expect(labels(text)).toEqual(expect.arrayContaining(wanted));
  });

  test.each(JQ_FUNCTIONS.filter(([name]) => name !== "reduce"))("%s is a function of the engine", (name) => {
    const source = name.replace("(path)", "(.a)").replaceAll(/\b(?:x|f|n|key|text|regex|message)\b(?=[;) ])/g, '"a"');
    expect(compileJq(source, { profile: "workflow", variables: [] }).ok).toBe(true);
  });
});

describe("nothing", () => {
  test.each([
    ["in comments", "document: # ¦"],
    ["for a name of the author's choice", `${HEAD}do:\n  - ¦`],
    ["for a member of a text", "document:\n  name: a\n  version:\n    deep:\n      ¦"],
    ["beyond the text", "¦".padStart(5, "\n")],
  ])("%s", (_, text) => {
    const found = labels(text);
    expect(found.filter((label) => label !== "document" && !found.includes("do"))).toEqual([]);
  });

  test("in texts that are no YAML at all it does not fail", () => {
    for (const text of ["[[[¦", "{{ a: ¦", "a: b: c: ¦", "\t\t¦", "- - - ¦", "'¦", '"¦', "&a *a: ¦", "? ¦"]) {
      expect(Array.isArray(at(text))).toBe(true);
    }
  });
});
