import { describe, expect, test } from "vitest";
import { parseText } from "./parse-text.ts";
import { splitDocuments } from "./split-documents.ts";

function at(text: string) {
  const { diagnostics } = parseText(text);
  return diagnostics.map(({ code, line, column }) => `${code} ${line}:${column}`);
}

const bomb = [
  "a: &a [x, x, x, x, x, x, x, x, x, x]",
  ...[..."bcdefghi"].map((name, index) => {
    const before = String.fromCharCode(name.charCodeAt(0) - 1);
    return `${name}: &${name} [${Array.from({ length: 10 }, () => `*${before}`).join(", ")}]${index < 0 ? "" : ""}`;
  }),
].join("\n");

describe("parseText()", () => {
  test.each([
    ["two equal keys", "a: 1\nb:\n  c: 1\n  c: 2\n", ["duplicate-key 4:3"]],
    ["two equal keys in JSON", '{"a": 1,\n "a": 2}', ["duplicate-key 2:2"]],
    ["a list as key", "? [a, b]\n: 1\n", ["non-string-key 1:3"]],
    ["null as key", "null: 1\n", ["non-string-key 1:1"]],
    ["tabs", "a:\n\tb: 1\n", ["tab-indentation 2:1"]],
    ["an infinite number", "a: .inf", ["not-json 1:4"]],
    ["an alias of nothing", "a: *b", ["unknown-alias 1:4"]],
    ["a value that holds itself", "a: &a [1, *a]", ["unknown-alias 1:11"]],
    ["two documents", "a: 1\n---\nb: 2\n", ["several-documents 2:1"]],
    ["nothing", "# only a comment\n", ["empty-document 1:1"]],
    ["a broken list", "a: [1, 2\nb: 3\n", expect.arrayContaining([expect.stringMatching(/^yaml-syntax/)])],
    ["an unclosed text", 'a: "b\n', expect.arrayContaining([expect.stringMatching(/^yaml-syntax/)])],
  ])("refuses %s at its place", (_, text, expected) => {
    expect(at(text)).toEqual(expected);
  });

  test("ends an alias bomb quickly", () => {
    const started = performance.now();
    expect(at(bomb)).toContainEqual(expect.stringMatching(/^too-many-aliases/));
    expect(performance.now() - started).toBeLessThan(1_000);
  });

  test.each([
    ["flow lists", "[".repeat(100_000)],
    ["closed flow lists", "[".repeat(20_000) + "]".repeat(20_000)],
    ["block lists", "- ".repeat(20_000)],
    ["JSON", '{"a":'.repeat(50_000)],
  ])("refuses deep nesting of %s quickly", (_, text) => {
    const started = performance.now();
    expect(at(text)).toContainEqual(expect.stringMatching(/^nesting-too-deep/));
    expect(performance.now() - started).toBeLessThan(2_000);
  });

  test("refuses nesting that aliases build up", () => {
    const level = (name: string, inner: string) => `${name}: &${name} ${"[".repeat(150)}${inner}${"]".repeat(150)}`;
    const chain = Array.from({ length: 15 }, (_, index) => level(`a${index}`, index === 0 ? "1" : `*a${index - 1}`));
    expect(at(chain.join("\n"))).toContainEqual(expect.stringMatching(/^nesting-too-deep 2:/));
  });

  test("refuses 5 MB at once", () => {
    const started = performance.now();
    expect(at(`a: ${"x".repeat(5_000_000)}`)).toEqual(["document-too-large 1:1"]);
    expect(performance.now() - started).toBeLessThan(50);
  });

  test("reads JSON with tabs and YAML with anchors, merges and odd keys", () => {
    expect(parseText('{\n\t"a": [1, true, null, "\\u00e4"]\n}').value).toEqual({ a: [1, true, null, "ä"] });
    expect(parseText("base: &b {x: 1, y: 2}\nmore:\n  <<: *b\n  y: 3\n200: ok\n").value).toEqual({
      base: { x: 1, y: 2 },
      more: { x: 1, y: 3 },
      "200": "ok",
    });
  });

  test("keeps dangerous names as data", () => {
    const { value } = parseText("__proto__: {polluted: true}\nconstructor: 1\n");
    expect(Object.keys(value as object)).toEqual(["__proto__", "constructor"]);
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
  });
});

describe("the source map", () => {
  const text = [
    "plain: abc def",
    "single: 'it''s X'",
    'double: "a\\n\\u00e4 X"',
    "literal: |",
    "  one",
    "  two X",
    "folded: >-",
    "    one",
    "    two X",
    "list:",
    "  - a",
    "  - b: X",
    "wrapped: one",
    "  two X",
  ].join("\n");
  const { value, sourceMap } = parseText(text);
  const record = value as Record<string, string>;

  test.each([
    ["plain", "def", "1:12"],
    ["single", "X", "2:16"],
    ["double", "X", "3:20"],
    ["literal", "X", "6:7"],
    ["folded", "X", "9:9"],
    ["wrapped", "X", "14:7"],
  ])("finds a character of the %s text", (name, part, expected) => {
    const { line, column } = sourceMap.textPosition(`/${name}`, record[name]!.indexOf(part));
    expect(`${line}:${column}`).toBe(expected);
  });

  test("finds keys, values and the nearest container", () => {
    expect(sourceMap.valuePosition("/list/1/b")).toEqual({ line: 12, column: 8 });
    expect(sourceMap.keyPosition("/list/1/b")).toEqual({ line: 12, column: 5 });
    expect(sourceMap.keyPosition("/list/1/nothing/deeper")).toEqual({ line: 12, column: 5 });
  });
});

describe("splitDocuments()", () => {
  test("keeps the lines of the file", () => {
    const parts = splitDocuments("# head\n---\na: 1\n---\n# nothing\n---\nb: 2\nc: 2\nc: 3\n");
    expect(parts.map(({ text, firstLine }) => [text.trim(), firstLine])).toEqual([
      ["a: 1", 2],
      ["b: 2\nc: 2\nc: 3", 6],
    ]);
    expect(parseText(parts[1]!.text, parts[1]!).diagnostics).toMatchObject([{ code: "duplicate-key", line: 9 }]);
  });
});
