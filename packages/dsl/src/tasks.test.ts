import { describe, expect, test } from "vitest";
import type { Json } from "./json.ts";
import type { WorkflowDocument } from "./model.ts";
import { knownCall, knownTask, switchEntries, taskEntries, taskKind } from "./tasks.ts";

const document: WorkflowDocument = {
  document: { dsl: "1.0.3", namespace: "test", name: "kinds", version: "1.0.0" },
  do: [
    { loop: { for: { in: ".items" }, do: [{ inner: { set: { a: 1 } } }] } },
    { call: { call: "http", with: { method: "get", endpoint: "http://localhost" } } },
    JSON.parse('{"pick":{"switch":[{"first":{"when":".a","then":"exit"}},{"other":{"then":"end"}}]}}'),
  ],
};

describe("taskKind()", () => {
  test("calls a loop a loop although it has `do`", () => {
    expect(taskEntries(document.do).map(({ name, task, index }) => [name, taskKind(task), index])).toEqual([
      ["loop", "for", 0],
      ["call", "call", 1],
      ["pick", "switch", 2],
    ]);
  });

  test("a document is JSON without conversion", () => {
    const json: Json = document;
    expect(JSON.parse(JSON.stringify(json))).toEqual(document);
  });
});

describe("knownTask() and knownCall()", () => {
  test("narrow to the protocol and to the cases", () => {
    const [, call, pick] = taskEntries(document.do).map(({ task }) => knownTask(task));
    if (call?.kind !== "call" || pick?.kind !== "switch") throw new Error("kinds are wrong");
    expect(knownCall(call.task).protocol).toBe("http");
    expect(knownCall({ call: "log:1.0.0@default" }).protocol).toBe("function");
    expect(switchEntries(pick.task).map((entry) => [entry.name, entry.case.then])).toEqual([
      ["first", "exit"],
      ["other", "end"],
    ]);
  });
});
