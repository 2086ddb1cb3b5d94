import { describe, expect, test } from "vitest";
import { describePosition } from "./describe-position.ts";
import { outlineOf } from "./outline.ts";
import { offsetAt, positionAt } from "./text-offsets.ts";

const FLOW = `document: { dsl: "1.0.3", namespace: shop, name: flow, version: "1.0.0" }
do:
  - fetch:
      call: http
      with: { method: get, endpoint: "https://example.com" }
      then: tell
  - tell:
      try:
        - say: { set: 1 }
      catch:
        do:
          - mend: { wait: PT1S }
  - choose:
      switch:
        - first: { then: end }
`;

describe("describePosition()", () => {
  test.each([
    [1, 3, "document (required)", "Identity of the workflow.", "a map: document"],
    [3, 6, "task fetch: call", "", undefined],
    [5, 8, "with (required)", undefined, undefined],
    [5, 16, "method (required)", undefined, undefined],
    [6, 15, "then", "What comes next: continue, exit, end or the name of a task.", "a text"],
    [9, 12, "task say: set", "The output.", undefined],
    [12, 22, "wait (required)", "Lets time pass.", undefined],
  ])("line %i, column %i is %s", (line, column, title, doc, form) => {
    const found = describePosition(FLOW, { line, column }, "definition");
    expect(found?.title).toBe(title);
    if (doc) expect(found?.doc).toBe(doc);
    if (form) expect(found?.form).toBe(form);
    expect(found?.doc.length).toBeGreaterThan(5);
  });

  test("marks the key that it is about", () => {
    const found = describePosition(FLOW, { line: 6, column: 8 }, "definition");
    expect(FLOW.slice(found?.range.start, found?.range.end)).toBe("then");
  });

  test.each([
    [1, 1, ""],
    [9, 1, "a: [1"],
    [1, 2, "- - -"],
  ])("line %i, column %i of %j is nothing, or something", (line, column, text) => {
    expect(() => describePosition(text, { line, column }, "definition")).not.toThrow();
  });
});

describe("outlineOf()", () => {
  const shown = (text: string, kind: "definition" | "test" = "definition") => {
    const lines = (entries: ReturnType<typeof outlineOf>, indent: string): readonly string[] =>
      entries.flatMap((one) => [`${indent}${one.name} ${one.detail}`, ...lines(one.children, `${indent}  `)]);
    return lines(outlineOf(text, kind), "");
  };

  test("is the tree of tasks", () => {
    const tree = ["fetch call", "tell try", "  say set", "  mend wait", "choose switch", "  first case"];
    expect(shown(FLOW)).toEqual(tree);
    const envelope = `apiVersion: stigmer.ai/v1\nkind: Workflow\nspec:\n${FLOW.replaceAll(/^(?=.)/gm, "  ")}`;
    expect(shown(envelope)).toEqual(tree);
  });

  test("shows what there is of a document that is not valid", () => {
    expect(shown("do:\n  - one: { wat: 1 }\n  - two:\n  - three: { set: [}")).toEqual([
      "one task",
      "two task",
      "three set",
    ]);
  });

  test("is the list of tests of a test file", () => {
    expect(shown("workflow: a\ntests:\n  - name: first\n  - input: 1\n", "test")).toEqual(["first test", "test test"]);
  });
});

test("positions and offsets are inverse", () => {
  for (let offset = 0; offset <= FLOW.length; offset++) expect(offsetAt(FLOW, positionAt(FLOW, offset))).toBe(offset);
});
