import { describe, expect, test } from "vitest";
import { readTextFile } from "./read-input.ts";

describe("readTextFile()", () => {
  test.each([
    ["a folder", import.meta.dirname, "FILE_UNREADABLE"],
    ["a file that is not there", `${import.meta.dirname}/nothing.json`, "FILE_NOT_FOUND"],
  ])("refuses %s", (_name, path, reason) => {
    expect(() => readTextFile(path)).toThrow(expect.objectContaining({ reason }));
  });
});
