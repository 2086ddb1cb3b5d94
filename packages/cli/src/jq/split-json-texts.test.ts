import { describe, expect, test } from "vitest";
import { splitJsonTexts } from "./split-json-texts.ts";

describe("splitJsonTexts()", () => {
  test.each([
    ["", []],
    ["  \n", []],
    ["1", ["1"]],
    ["1 2\n3", ["1", "2", "3"]],
    ['{"a":1}{"b":[2,"}"]}', ['{"a":1}', '{"b":[2,"}"]}']],
    ['"a""b"', ['"a"', '"b"']],
    ['"a\\"b" null', ['"a\\"b"', "null"]],
    ["true[1]", ["true", "[1]"]],
    ["[1", ["[1"]],
    ["}", ["}"]],
  ])("%j", (text, pieces) => {
    expect(splitJsonTexts(text)).toEqual(pieces);
  });
});
