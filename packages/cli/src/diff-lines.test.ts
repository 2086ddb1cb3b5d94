import { describe, expect, test } from "vitest";
import { diffLines } from "./diff-lines.ts";

const diff = (before: string, after: string) =>
  diffLines([...before], [...after])
    .map(({ mark, text }) => `${mark}${text}`)
    .join("");

describe("diffLines()", () => {
  test.each([
    ["", "", ""],
    ["ab", "ab", " a b"],
    ["", "a", "+a"],
    ["a", "", "-a"],
    ["abc", "axc", " a-b+x c"],
    ["abcd", "bce", "-a b c-d+e"],
  ])("%j to %j", (before, after, lines) => {
    expect(diff(before, after)).toBe(lines);
  });
});
