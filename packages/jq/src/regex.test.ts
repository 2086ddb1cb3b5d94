import { describe, expect, test } from "vitest";
import { compileRegex, JqError, JqLimitError } from "./index.ts";

describe("compileRegex()", () => {
  test.each<[pattern: string, flags: string, text: string, matches: string[]]>([
    ["a.c", "", "abc a\nc", ["abc"]],
    ["a.c", "p", "abc a\nc", ["abc", "a\nc"]],
    ["^b", "", "a\nb", []],
    ["(?m)^b$", "", "a\nb\nc", ["b"]],
    ["a$", "", "a\n", ["a"]],
    ["a\\z", "", "a\n", []],
    ["[a-c&&[^b]]+", "", "abcc", ["a", "cc"]],
    ["[^\\d\\s]+", "", "ab 12 c", ["ab", "c"]],
    ["[[:upper:]][[:^upper:]]*", "", "FooBar", ["Foo", "Bar"]],
    ["\\p{Greek}+", "", "abc αβγ", ["αβγ"]],
    ["\\P{L}+", "", "ab1-2", ["1-2"]],
    ["\\h+", "", "xyz1f", ["1f"]],
    ["(?i)straẞe", "", "STRAßE", ["STRAßE"]],
    ["ä", "i", "Ä", ["Ä"]],
    ["a b # c", "x", "ab", ["ab"]],
    ["(a|ab)(c|bcd)(d*)", "", "abcd", ["abcd"]],
    ["a|ab|abc", "l", "abc", ["abc"]],
    ["a*", "n", "baa", ["aa"]],
    ["a*?b", "", "aab", ["aab"]],
    ["a++a", "", "aaa", []],
    ["(?>a*)a", "", "aaa", []],
    ["(?<=\\$)\\d+", "", "$12 13", ["12"]],
    ["(?<!\\$|€)\\b\\d+", "", "$12 €13 14", ["14"]],
    ["(?=.*\\d)\\w+", "", "abc a1", ["abc", "a1"]],
    ["(\\w)\\1", "", "hello", ["ll"]],
    ["(?<q>['\"]).*?\\k<q>", "", "x 'a\"b' y", ["'a\"b'"]],
    ["x\\Ky", "", "xy", ["y"]],
    ["\\Qa.b\\E", "", "a.b axb", ["a.b"]],
    ["\\x41\\u0042\\x{43}", "", "ABC", ["ABC"]],
    ["(?:ab){2,3}", "", "abababab", ["ababab"]],
    ["a{,2}", "", "aaa", ["aa", "a", ""]],
    ["a{x}", "", "a{x}", ["a{x}"]],
    ["(a?)*b", "", "aab", ["aab"]],
    ["(?:a|b)*?c", "", "ababc", ["ababc"]],
    ["\\bfoo\\b", "", "foo food", ["foo"]],
    ["😀+", "", "x😀😀", ["😀😀"]],
    [".", "", "😀é", ["😀", "é"]],
    ["", "", "ab", ["", "", ""]],
    ["\\R", "", "a\r\nb\n", ["\r\n", "\n"]],
  ])("%j with flags %j in %j", (pattern, flags, text, matches) => {
    expect(
      compileRegex(pattern, flags)
        .matchAll(text)
        .map((match) => match.text),
    ).toEqual(matches);
    expect(compileRegex(pattern, flags).test(text)).toBe(matches.length > 0);
  });

  test("gives groups with names, offsets in code points, and none for groups that took no part", () => {
    const match = compileRegex("(?<year>\\d{4})-(\\d\\d)(x)?").match("😀 2024-05");
    expect(match).toMatchObject({ offset: 2, length: 7, text: "2024-05" });
    expect(match?.groups).toEqual([
      { name: "year", offset: 2, length: 4, text: "2024" },
      { name: undefined, offset: 7, length: 2, text: "05" },
      { name: undefined, offset: -1, length: 0, text: undefined },
    ]);
  });

  test.each([
    "(",
    ")",
    "[",
    "a**{",
    "*a",
    "\\",
    "[b-a]",
    "(?<n>a)\\k<m>",
    "a{2,1}{999999}",
    "(?<=a*)b",
    "\\p{Nope}",
    "(?z)",
    "(?<>a)",
    "\\2(a)",
  ])("refuses or accepts %j without a host error", (pattern) => {
    try {
      compileRegex(pattern).test("aaa");
    } catch (error) {
      expect(error).toBeInstanceOf(JqError);
    }
  });

  test("refuses unknown flags", () => {
    expect(() => compileRegex("a", "y")).toThrow("y is not a valid modifier string");
  });

  test.each<[string, string]>([
    ["(a+)+$", `${"a".repeat(50)}b`],
    ["(a|a)*b", "a".repeat(60)],
    ["(.*)*x", "y".repeat(60)],
    ["^(([a-z])+.)+[A-Z]([a-z])+$", "a".repeat(60)],
    ["(?=(a+)+$)b", `${"a".repeat(50)}b`],
  ])("%j on a hostile text ends with a limit error", (pattern, text) => {
    expect(() => compileRegex(pattern).test(text)).toThrow(JqLimitError);
  });

  test("a budget of its own is kept, and long plain texts stay within the default", () => {
    expect(() => compileRegex("a*b", "", { maxSteps: 50 }).test("a".repeat(100))).toThrow(JqLimitError);
    expect(compileRegex("needle$").test(`${"hay ".repeat(100_000)}needle`)).toBe(true);
    expect(compileRegex("[a-z]+@[a-z]+\\.com").test("word ".repeat(50_000))).toBe(false);
  });
});
