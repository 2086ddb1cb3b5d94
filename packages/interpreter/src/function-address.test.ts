import { expect, test } from "vitest";
import { catalogAddress, functionAddress, readCatalogedFunction } from "./function-address.ts";

const log = { name: "log", version: "1.0.0", catalog: "default" };

test.each([
  ["log:1.0.0", log],
  ["log:1.0.0@global", { ...log, catalog: "global" }],
  ["log", undefined],
  ["https://example.com/a", undefined],
  ["log:1.0.0@a@b", undefined],
  ["../x:1", undefined],
])("%s as a function of a catalog", (call, expected) => {
  expect(readCatalogedFunction(call)).toEqual(expected);
});

test.each([
  ["https://catalog.example.com", "https://catalog.example.com/functions/log/1.0.0/function.yaml"],
  ["https://catalog.example.com/a/", "https://catalog.example.com/a/functions/log/1.0.0/function.yaml"],
  ["https://github.com/o/r", "https://raw.githubusercontent.com/o/r/HEAD/functions/log/1.0.0/function.yaml"],
  ["https://github.com/o/r/tree/main", "https://raw.githubusercontent.com/o/r/main/functions/log/1.0.0/function.yaml"],
  ["https://gitlab.com/g/s/r/-/tree/main/a", "https://gitlab.com/g/s/r/-/raw/main/a/functions/log/1.0.0/function.yaml"],
])("a function in the catalog %s", (root, expected) => {
  expect(catalogAddress(root, log)).toBe(expected);
});

test.each([
  ["https://github.com/o/r/a/b@v1.0.0", "https://raw.githubusercontent.com/o/r/v1.0.0/a/b/function.yaml"],
  ["https://github.com/o/r/blob/main/f.yaml", "https://raw.githubusercontent.com/o/r/main/f.yaml"],
  ["https://github.com/o/r/a", "https://raw.githubusercontent.com/o/r/HEAD/a/function.yaml"],
  ["https://example.com/f.json", "https://example.com/f.json"],
  ["https://example.com/f/", "https://example.com/f/function.yaml"],
])("the function %s", (url, expected) => {
  expect(functionAddress(url)).toBe(expected);
});
