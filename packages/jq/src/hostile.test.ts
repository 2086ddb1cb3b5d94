import { describe, expect, test } from "vitest";
import { compileJq, compileRegex, JqError, JqLimitError, type JqLimits, type Json, toJsonText } from "./index.ts";

function outcome(source: string, input: Json = null, limits: JqLimits = {}): string {
  const compiled = compileJq(source);
  if (!compiled.ok) return compiled.diagnostics.map(({ code }) => code).join();
  try {
    return toJsonText(compiled.filter.run(input, { limits }));
  } catch (error) {
    if (error instanceof JqLimitError) return error.limit;
    if (error instanceof JqError) return `error: ${error.message}`;
    throw error;
  }
}

/** A fifth of the default budgets, so that the whole table ends soon. */
const TIGHT: JqLimits = { maxSteps: 2_000_000, maxSizeItems: 500_000, maxOutputs: 200_000 };

describe("budgets", () => {
  test.each<[string, string]>([
    ["last(range(1e12))", "steps"],
    ["[range(1e12)]", "size"],
    ["range(1e12)", "outputs"],
    ['"x" * 1e9', "string-length"],
    ["def f: 1 + f; f", "depth"],
  ])("%s ends with %s by default", (source, limit) => {
    expect(outcome(source)).toBe(limit);
  });

  test.each<[string, string]>([
    ["last(range(1e12))", "steps"],
    ["[range(1e12)]", "size"],
    ["[recurse(.)] | length", "size"],
    ["[limit(1e12; repeat(1))]", "size"],
    ["[.[]?] | until(false; . + [1])", "steps"],
    ["until(false; .)", "steps"],
    ["[while(true; .)] | length", "size"],
    ["def f: f; f", "steps"],
    ["def f: 1 + f; f", "depth"],
    ["def f(g): f(g | g); f(.)", "steps"],
    ["[range(1e5)] as $a | [range(1e6) | $a[1:]]", "steps"],
    ["[range(1e5)] as $a | $a - ($a | map(. + 200000))", "steps"],
    ["[range(1e5) | 0] as $a | $a | indices($a[1:])", "steps"],
    ['("x" * 1e7) as $s | [range(1e6) | $s | ascii_upcase]', "steps"],
    ['("x" * 1e7) as $s | [range(1e6) | $s | length]', "steps"],
    ['("x" * 1e7) as $s | [range(1e6) | $s | test("y")]', "steps"],
    ["def f: (., .) | f; f", "depth"],
    ['"x" * 1e9', "string-length"],
    ['"x" | until(false; . + .)', "string-length"],
    ['[range(100000)] | map("0123456789") | add | [., .] | until(false; [tojson, tojson])', "steps"],
    ["[1] | until(false; . + .)", "size"],
    [".[400000000] = 1", "size"],
    ["[limit(50; repeat(1))] | reduce .[] as $i (0; [., .])", "size"],
    ["[limit(50; repeat(1))] | reduce .[] as $i (0; [., .]) | tojson | length", "steps"],
    ["([limit(50; repeat(1))] | reduce .[] as $i (0; [., .])) as $x | $x == $x", "steps"],
    ["([limit(50; repeat(1))] | reduce .[] as $i (0; [., .])) as $x | [$x, $x] | sort", "steps"],
    ["[limit(50; repeat(1))] | reduce .[] as $i (0; [., .]) | flatten", "size"],
    ["[limit(50; repeat(1))] | reduce .[] as $i (0; [., .]) | [..] | length", "size"],
    ["range(1e9)", "outputs"],
    ['"a" * 50 + "b" | test("(a+)+$")', "steps"],
    ["[range(1000)] | combinations(5)", "outputs"],
    ["try (until(false; .)) catch 1", "steps"],
    ['[range(2e5)] | map(tostring) | join(",") | [splits("")] | length', "steps"],
  ])("%s ends with %s", (source, limit) => {
    const start = performance.now();
    expect(outcome(source, null, TIGHT)).toBe(limit);
    expect(performance.now() - start).toBeLessThan(8_000);
  });

  test("a regular expression that explodes ends within 50 ms", () => {
    compileRegex("(b+)+$").test("b");
    const times = [1, 2, 3].map(() => {
      const start = performance.now();
      expect(() => compileRegex("(a+)+$").test(`${"a".repeat(50)}b`)).toThrow(JqLimitError);
      return performance.now() - start;
    });
    expect(Math.min(...times)).toBeLessThan(50);
  });

  test.each<[JqLimits, string, string]>([
    [{ maxSteps: 1000 }, "[range(2000)]", "steps"],
    [{ maxOutputs: 3 }, "range(4)", "outputs"],
    [{ maxStringLength: 10 }, '"123456" + "789012"', "string-length"],
    [{ maxDepth: 20 }, "def f: if . > 50 then . else (. + 1 | f) + 0 end; 0 | f", "depth"],
    [{ maxSizeItems: 10 }, "[range(11)]", "size"],
    [{ maxSizeItems: 10 }, "[range(6)] | [., .]", "size"],
    [{ deadline: () => true }, "last(range(100000))", "time"],
  ])("%j is kept", (limits, source, limit) => {
    expect(outcome(source, null, limits)).toBe(limit);
  });
});

describe("depth", () => {
  test.each<[string, string]>([
    ["def f: if . >= 100000 then . else . + 1 | f end; 0 | f", "[100000]"],
    ["def f($x): if . == 0 then $x else . - 1 | f($x + 1) end; 50000 | f(0)", "[50000]"],
    [
      "def even: def odd: if . == 0 then false else . - 1 | even end; if . == 0 then true else . - 1 | odd end; 20001 | even",
      "[false]",
    ],
    ["[recurse(if . < 20000 then . + 1 else empty end)] | length", "[20001]"],
    ["last(recurse(. + 1; . < 50000))", "[49999]"],
    ["0 | until(. >= 100000; . + 1)", "[100000]"],
    ["last(1 | while(. < 50000; . + 1))", "[49999]"],
  ])("calls in last place and loops need none: %s", (source, expected) => {
    expect(outcome(source, 0)).toBe(expected);
  });

  test.each([1_000, 100_000])("%i nested parentheses, arrays and negations are refused or run", (count) => {
    for (const [open, close] of [
      ["(", ")"],
      ["[", "]"],
      ["-", ""],
      ["try ", ""],
      ["{a:", "}"],
    ] as const) {
      expect(outcome(`${open.repeat(count)}1${close.repeat(count)}`)).toMatch(/^(too-complex|depth|\[-?1\])$/);
    }
  });

  test.each(["1 + ", "1 | ", "1, ", ".a // ", "true and "])(
    "20,000 times %j do not reach the host's stack",
    (piece) => {
      expect(outcome(`first(${piece.repeat(20_000)}1)`)).toMatch(/^(\[.*\]|too-complex|depth|error: .*)$/);
    },
  );

  test("deep data is printed, compared and walked", () => {
    expect(
      outcome("reduce range(9000) as $i (0; [.]) | [(tojson | length), ([..] | length), (flatten | length)]"),
    ).toBe("[[18001,9001,1]]");
    expect(outcome("reduce range(9000) as $i (0; [.]) | . == .")).toBe("[true]");
    expect(outcome("[reduce range(20000) as $i (0; [.]) | ., .] | .[0] < .[1]")).toBe("error: Comparison too deep");
  });
});

describe("names of the host", () => {
  test.each<[string, Json, string]>([
    [".constructor, .__proto__, .toString, .hasOwnProperty", {}, "[null,null,null,null]"],
    ['has("constructor"), has("__proto__")', {}, "[false,false]"],
    ['{"__proto__": 1} | ., keys, .["__proto__"], has("__proto__")', null, '[{"__proto__":1},["__proto__"],1,true]'],
    ['.["__proto__"] = {"x": 1} | ., .x', {}, '[{"__proto__":{"x":1}},null]'],
    ['{"a": 1} * {"__proto__": {"b": 2}} | ., .b', null, '[{"a":1,"__proto__":{"b":2}},null]'],
    ['{"a": 1} + {"__proto__": 2} | del(.a)', null, '[{"__proto__":2}]'],
    ['[{"key": "__proto__", "value": 3}] | from_entries', null, '[{"__proto__":3}]'],
    ['"{\\"__proto__\\": [1]}" | fromjson | .["__proto__"]', null, "[[1]]"],
    ['"{\\"__proto__\\": nan}" | fromjson', null, '[{"__proto__":null}]'],
    ['reduce ("__proto__", "constructor") as $k ({}; .[$k] = 1)', null, '[{"__proto__":1,"constructor":1}]'],
    ['"x" | capture("(?<constructor>x)")', null, '[{"constructor":"x"}]'],
    ['INDEX("__proto__"; .)', null, '[{"__proto__":"__proto__"}]'],
    ['with_entries(.key = "__proto__")', { a: 1 }, '[{"__proto__":1}]'],
    ['. as {"constructor": $x} | $x', {}, "[null]"],
  ])("%s are data", (source, input, expected) => {
    expect(outcome(source, input)).toBe(expected);
    expect(Object.keys(Object.prototype)).toEqual([]);
  });

  test("functions cannot be named by a host's property", () => {
    for (const name of ["constructor", "toString", "__proto__", "hasOwnProperty"]) {
      expect(outcome(name)).toBe("unknown-function");
      expect(outcome(`@${name}`)).toBe("unknown-format");
      expect(outcome(`format("${name}")`)).toBe(`error: ${name} is not a valid format`);
    }
    expect(outcome('"%o %_ %Q" | strptime("%o")')).toMatch(/^error: /);
  });
});
