import { describe, expect, test } from "vitest";
import { findUndocumented } from "./check-docs.ts";

describe("findUndocumented()", () => {
  test.each([
    "/** Does a. */\nexport function a() {}\n",
    "export interface RunParams {}\n",
    "export type Level = (typeof LEVELS)[number];\n",
    "function hidden() {}\n",
  ])("accepts %j", (text) => {
    expect(findUndocumented([{ path: "a.ts", text }])).toEqual([]);
  });

  test.each(["export function a() {}\n", "export const B = 1;\n", "export interface C {}\n"])("refuses %j", (text) => {
    expect(findUndocumented([{ path: "a.ts", text }])).toHaveLength(1);
  });
});
