import { describe, expect, test } from "vitest";
import { findOversized } from "./check-sizes.ts";

const body = (lines: number) => Array.from({ length: lines }, () => "  work();").join("\n");

describe("findOversized()", () => {
  test("accepts a usual file", () => {
    expect(findOversized([{ path: "a.ts", text: `function a() {\n${body(50)}\n}\n` }])).toEqual([]);
  });

  test.each([
    ["function", `export function a() {\n${body(70)}\n}\n`],
    ["arrow", `const a = () => {\n${body(70)}\n};\n`],
    ["method", `class A {\n  run(): void {\n${body(70).replaceAll("  work", "    work")}\n  }\n}\n`],
  ])("refuses a long %s", (_, text) => {
    expect(findOversized([{ path: "a.ts", text }])).toEqual([expect.stringContaining("a function of 72 lines")]);
  });

  test("refuses a long file", () => {
    expect(findOversized([{ path: "a.ts", text: body(401) }])).toEqual([expect.stringContaining("401 lines")]);
  });
});
