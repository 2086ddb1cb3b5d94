import { describe, expect, test } from "vitest";
import { matchesErrorFilter, STANDARD_ERRORS, sameErrorType, standardProblem } from "./standard-errors.ts";

describe("sameErrorType()", () => {
  test.each([
    "https://serverlessworkflow.io/spec/1.0.0/errors/communication",
    "https://open-workflow-specification.org/spec/1.0.0/errors/communication",
    "https://serverlessworkflow.io/dsl/errors/types/communication",
    "https://open-workflow-specification.org/dsl/errors/types/communication",
    "https://zigflow.dev/spec/1.0.0/errors/communication",
  ])("%s means communication", (type) => {
    expect(sameErrorType(type, STANDARD_ERRORS.communication.type)).toBe(true);
    expect(sameErrorType(type, STANDARD_ERRORS.timeout.type)).toBe(false);
  });

  test("types of nobody's family compare by text", () => {
    expect(sameErrorType("https://a.example/x", "https://b.example/x")).toBe(false);
    expect(sameErrorType("https://a.example/x", "https://a.example/x")).toBe(true);
  });
});

describe("matchesErrorFilter()", () => {
  const error = { ...standardProblem("communication", "no answer"), status: 404, instance: "/do/0/get" };

  test.each([
    [undefined, true],
    [{}, true],
    [{ type: "https://serverlessworkflow.io/dsl/errors/types/communication", status: 404 }, true],
    [{ status: 503 }, false],
    [{ instance: "/do/0/get" }, true],
    [{ title: "Timeout Error" }, false],
    [{ details: "no answer" }, true],
    [{ detail: "another" }, false],
  ])("%j gives %s", (filter, expected) => {
    expect(matchesErrorFilter(filter, error)).toBe(expected);
  });
});
