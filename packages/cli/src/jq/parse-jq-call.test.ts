import { describe, expect, test } from "vitest";
import { CliError } from "../cli-error.ts";
import { parseJqCall } from "./parse-jq-call.ts";

describe("parseJqCall()", () => {
  test("reads short flags that stand together, a filter and a file", () => {
    expect(parseJqCall(["-nr", ".a", "data.json", "-c"])).toMatchObject({
      filter: ".a",
      file: "data.json",
      isNullInput: true,
      isRaw: true,
      isCompact: true,
      isSlurp: false,
    });
  });

  test("binds arguments", () => {
    const { variables } = parseJqCall(["--arg", "a", "1", "--argjson", "b", "[1]", "."]);
    expect(variables).toEqual({ a: "1", b: [1] });
  });

  test("takes what follows -- as it is", () => {
    expect(parseJqCall(["--", "-1"]).filter).toBe("-1");
  });

  test.each([
    ["no filter", []],
    ["an unknown flag", ["--no-such", "."]],
    ["an unknown letter", ["-nz", "."]],
    ["an argument without a value", [".", "--arg", "a"]],
    ["an argument that is no JSON", ["--argjson", "a", "{", "."]],
    ["two files", [".", "a", "b"]],
  ])("refuses %s", (_, words) => {
    expect(() => parseJqCall(words)).toThrow(CliError);
  });
});
