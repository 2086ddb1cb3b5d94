import { describe, expect, test } from "vitest";
import { WorkflowProblemError } from "../standard-errors.ts";
import { evaluateData, evaluateDuration, evaluateTransformation } from "./evaluate-data.ts";
import { evaluateCondition, evaluateExpression } from "./evaluate-expression.ts";
import { isExpression, unwrapExpression } from "./expression-text.ts";
import { secretsOf, usedVariables } from "./used-variables.ts";

function problemOf(run: () => unknown) {
  try {
    run();
  } catch (error) {
    if (error instanceof WorkflowProblemError) return error.problem;
    throw error;
  }
  throw new Error("nothing was thrown");
}

describe("isExpression()", () => {
  test.each([
    ["${ .a }", true],
    ["  ${.a}\n", true],
    ["${\n .a\n| .b }", true],
    ["${}", false],
    [".a", false],
    ["Hello ${ .name }!", false],
    ["", false],
  ])("%j: %s", (text, expected) => {
    expect(isExpression(text)).toBe(expected);
  });

  test("unwraps the jq", () => {
    expect(unwrapExpression(" ${ .a } ")).toBe(" .a ");
    expect(unwrapExpression(".a")).toBe(".a");
  });
});

describe("evaluateExpression()", () => {
  const variables = { context: { n: 2 }, item: "x" };

  test.each([
    ["${ .a + 1 }", { a: 1 }, 2],
    [".a", { a: [1] }, [1]],
    ["$context.n * 2", null, 4],
    [". as $local | $local + $item", "y", "yx"],
    ["empty", null, null],
    [".[]", [7, 8], 7],
    [".missing.deeper", {}, null],
  ])("%s on %j gives %j", (text, input, expected) => {
    expect(evaluateExpression(text, input, variables)).toEqual(expected);
  });

  test.each([
    ["syntax", "${ .a + }"],
    ["unknown function", "nonsense(1)"],
    ["failure", "${ .a.b }"],
    ["absent variable", "$output"],
    ["endless loop", "def f: f; f"],
    ["endless outputs", "[range(1e12)]"],
    ["growing text", '"x" | until(false; . + .)'],
    ["clock without one", "now"],
  ])("%s is an expression error", (_, text) => {
    const problem = problemOf(() => evaluateExpression(text, { a: 1 }, variables));
    expect(problem).toMatchObject({
      type: "https://serverlessworkflow.io/spec/1.0.0/errors/expression",
      status: 400,
    });
    expect(problem.detail).toMatch(/^Cannot evaluate "/);
  });

  test("reads the clock it is given", () => {
    expect(evaluateExpression("now", null, {}, { now: () => 5 })).toBe(5);
  });

  test("conditions hold for everything but false and null", () => {
    expect([0, "", false, null].map((value) => evaluateCondition(".", value, {}))).toEqual([true, true, false, false]);
  });
});

describe("evaluateData()", () => {
  test("strict mode evaluates wrapped texts only, and never its own results", () => {
    const value = { a: "${ .x }", b: ".x", c: ["${ $n }", 1, null], "${ .k }": true };
    expect(evaluateData(value, { x: "${ .secret }" }, { n: 3 })).toEqual({
      a: "${ .secret }",
      b: ".x",
      c: [3, 1, null],
      "${ .k }": true,
    });
  });

  test("shares what did not change", () => {
    const value = { fixed: { deep: [1, 2] }, moving: "${ . }" };
    const result = evaluateData(value, 1, {}) as typeof value;
    expect(result.fixed).toBe(value.fixed);
    expect(evaluateData(value.fixed, 1, {})).toBe(value.fixed);
  });

  test("loose mode tries every text and keeps what fails", () => {
    const value = [".x", "hello world", "${ .x }", "$nothing", "1"];
    expect(evaluateData(value, { x: 1 }, {}, { mode: "loose" })).toEqual([1, "hello world", 1, "$nothing", 1]);
  });

  test("transformations take bare jq or a map", () => {
    expect(evaluateTransformation(".a", { a: 1 }, {})).toBe(1);
    expect(evaluateTransformation({ b: "${ .a }", c: ".a" }, { a: 1 }, {})).toEqual({ b: 1, c: ".a" });
  });

  test("durations may be expressions", () => {
    expect(evaluateDuration("PT1S", null, {})).toBe(1000);
    expect(evaluateDuration("${ .wait }", { wait: "PT2S" }, {})).toBe(2000);
    expect(evaluateDuration("${ {seconds: .n} }", { n: 3 }, {})).toBe(3000);
    expect(problemOf(() => evaluateDuration("${ .n }", { n: -1 }, {})).status).toBe(400);
    expect(problemOf(() => evaluateDuration("soon", null, {})).detail).toContain('Cannot use "soon"');
  });
});

describe("usedVariables()", () => {
  test("names what the expressions of a value read", () => {
    const value = { a: "${ $context.x }", b: ["${ $secrets.k + $item }"], c: "$output" };
    expect([...usedVariables(value)].sort()).toEqual(["context", "item", "secrets"]);
    expect([...usedVariables(value, { mode: "loose" })].sort()).toEqual(["context", "item", "output", "secrets"]);
  });

  test.each([
    ["${ $secrets.a + $secrets.b.c }", { names: ["a", "b"], isComplete: true }],
    ['$secrets["x-y"]', { names: ["x-y"], isComplete: true }],
    ['$secrets."x y"', { names: ["x y"], isComplete: true }],
    ["$secrets[.name]", { names: [], isComplete: false }],
    ["$secrets", { names: [], isComplete: false }],
    [".a", { names: [], isComplete: true }],
  ])("secrets of %s", (text, expected) => {
    expect(secretsOf(text)).toEqual(expected);
  });
});
