import { describe, expect, test } from "vitest";
import { type Decision, type DecisionRequest, decisionProblem, isDecision, isDecisionRequest } from "./decision.ts";

const request: DecisionRequest = {
  task: "/do/0/ask#1",
  title: "Go?",
  outcomes: ["approve", "reject"],
  form: { type: "object", required: ["reason"] },
  approvers: ["ada", "ben"],
};
const decision: Decision = { task: "/do/0/ask#1", outcome: "approve", by: "ada", data: { reason: "fine" } };

describe("decisionProblem()", () => {
  test.each<[string, Partial<Decision>, RegExp | undefined]>([
    ["a good one", {}, undefined],
    ["another task's", { task: "/do/0/ask#2" }, /answers "\/do\/0\/ask#2"/],
    ["somebody else's", { by: "eve" }, /"eve" may not decide this; ada, ben may/],
    ["an unknown outcome", { outcome: "aprove" }, /Did you mean "approve"/],
    ["data that does not fit", { data: {} }, /does not fit the form: .*reason/],
  ])("%s", (_, more, problem) => {
    const found = decisionProblem(request, { ...decision, ...more });
    if (problem === undefined) expect(found).toBeUndefined();
    else expect(found).toMatch(problem);
  });

  test("anybody may decide where nobody is named, and data is free without a form", () => {
    const { task, title, outcomes } = request;
    expect(decisionProblem({ task, title, outcomes }, { ...decision, by: "eve", data: 7 })).toBeUndefined();
  });
});

test.each([
  [decision, true],
  [{ task: "t", outcome: "a" }, false],
  [{ task: "t", outcome: 1, by: "x" }, false],
  [null, false],
])("%j is a decision: %j", (data, expected) => {
  expect(isDecision(data)).toBe(expected);
});

test.each([
  [request, true],
  [{ ...request, outcomes: "approve" }, false],
  [{ ...request, approvers: [1] }, false],
  [undefined, false],
])("%j is a request: %j", (data, expected) => {
  expect(isDecisionRequest(data)).toBe(expected);
});
