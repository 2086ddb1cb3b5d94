import { describe, expect, test } from "vitest";
import { secretNames } from "./resolve-deferred.ts";

describe("secretNames()", () => {
  test.each<[string, string[], boolean]>([
    ["$secrets.key", ["key"], false],
    ['$secrets."api-key" + $secrets["other"]', ["api-key", "other"], false],
    ["$secrets.a.b + $secrets.a", ["a"], false],
    ["$secrets[.name]", [], true],
    ["$secrets | keys", [], true],
    [".x", [], false],
  ])("%s", (expression, names, isComputed) => {
    expect(secretNames(expression)).toEqual({ names, isComputed });
  });
});
