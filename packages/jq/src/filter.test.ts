import { describe, expect, test } from "vitest";
import { compileJq, JqError, type Json, toJsonText } from "./index.ts";

function run(source: string, input: Json = null, variables: Record<string, Json> = {}): Json[] {
  const compiled = compileJq(source, { profile: "jq", variables: Object.keys(variables) });
  if (!compiled.ok) throw new Error(compiled.diagnostics.map(({ message }) => message).join("; "));
  return compiled.filter.run(input, { variables });
}

function errorOf(source: string, input: Json = null): JqError {
  try {
    run(source, input);
  } catch (error) {
    if (error instanceof JqError) return error;
  }
  throw new Error(`${source} does not fail`);
}

describe("compileJq()", () => {
  test("gives a filter that says which outside variables it reads", () => {
    const compiled = compileJq("$context.a + $input | . as $x | $x", { variables: ["context", "input", "task"] });
    expect(compiled.ok && [...compiled.filter.usedVariables].sort()).toEqual(["context", "input"]);
  });

  test("gives the same filter for the same text and options", () => {
    const first = compileJq(".cached", { variables: ["a"] });
    expect(compileJq(".cached", { variables: ["a"] })).toBe(first);
    expect(compileJq(".cached", { variables: ["b"] })).not.toBe(first);
  });

  test.each([
    [".a +", "syntax", 1, 5],
    [".a | (1, 2", "syntax", 1, 11],
    ['"abc', "syntax", 1, 1],
    ['"\\q"', "syntax", 1, 2],
    ["1 == 2 == 3", "syntax", 1, 8],
    ["if . then 1", "syntax", 1, 12],
    [". as [] | 1", "syntax", 1, 7],
    ["{(1): 2}", "invalid-key", 1, 3],
    [".a |\n  frob(.b)", "unknown-function", 2, 3],
    ["map(.x) | selct(.y)", "unknown-function", 1, 11],
    ["$contxt.a", "unknown-variable", 1, 1],
    [". as $x | $y", "unknown-variable", 1, 11],
    ["break $out", "unknown-label", 1, 1],
    ["@nope", "unknown-format", 1, 1],
    ['import "a" as a; 1', "modules", 1, 1],
    ['.a # comment\n| "\\(1 + )"', "syntax", 2, 10],
  ])("finds the problem of %j", (source, code, line, column) => {
    const compiled = compileJq(source, { variables: ["context"] });
    const [first] = compiled.ok ? [] : compiled.diagnostics;
    expect(first).toMatchObject({ code, position: { line, column } });
    expect(first?.position.offset).toBe(
      source
        .split("\n")
        .slice(0, line - 1)
        .join("\n").length +
        (line > 1 ? 1 : 0) +
        column -
        1,
    );
  });

  test("reports every unknown name at once, with suggestions", () => {
    const compiled = compileJq("lenght + $contex.a + ascii_upcse", { variables: ["context"] });
    expect(compiled.ok ? [] : compiled.diagnostics.map(({ suggestion }) => suggestion)).toEqual([
      "length",
      "$context",
      "ascii_upcase",
    ]);
  });

  test("suggests the known numbers of arguments", () => {
    const compiled = compileJq("split(1;2;3)");
    expect(compiled.ok ? [] : compiled.diagnostics.map(({ suggestion }) => suggestion)).toEqual(["split/1, split/2"]);
  });
});

describe("profile workflow", () => {
  test.each([
    "input",
    "inputs",
    "debug",
    'debug("x")',
    "stderr",
    "env",
    "localtime",
    "input_line_number",
    "halt_error",
  ])("refuses %s when it compiles", (source) => {
    const compiled = compileJq(source, { profile: "workflow" });
    expect(compiled.ok ? [] : compiled.diagnostics.map(({ code }) => code)).toEqual(["not-available"]);
    expect(compileJq(source, { profile: "jq" }).ok).toBe(true);
  });

  test("has no $ENV", () => {
    expect(compileJq("$ENV", { profile: "workflow" })).toMatchObject({ diagnostics: [{ code: "unknown-variable" }] });
  });

  test("takes now from the run and fails without a clock", () => {
    const compiled = compileJq("now | todate", { profile: "workflow" });
    if (!compiled.ok) throw new Error("now does not compile");
    expect(compiled.filter.run(null, { now: () => 86_400 })).toEqual(["1970-01-02T00:00:00Z"]);
    expect(() => compiled.filter.run(null)).toThrow(JqError);
  });
});

describe("JqFilter", () => {
  test("first() stops at the first output", () => {
    const compiled = compileJq('.a, error("late")');
    expect(compiled.ok && compiled.filter.first({ a: 1 })).toBe(1);
  });

  test("first() is undefined without an output", () => {
    const compiled = compileJq("empty");
    expect(compiled.ok && compiled.filter.first(null)).toBeUndefined();
  });

  test("iterate() gives the outputs before an error, then the error", () => {
    const compiled = compileJq('1, 2, error("late")');
    const seen: Json[] = [];
    expect(() => {
      if (compiled.ok) for (const value of compiled.filter.iterate(null)) seen.push(value);
    }).toThrow("late");
    expect(seen).toEqual([1, 2]);
  });

  test("reads inputs, env, debug and stderr from the run", () => {
    const seen: Json[] = [];
    const compiled = compileJq('[., input, inputs], $ENV.A, (1 | debug, debug("m"), stderr)');
    const outputs = compiled.ok
      ? compiled.filter.run(1, {
          inputs: [2, 3, 4].values(),
          env: { A: "b" },
          onDebug: (value) => seen.push(["debug", value]),
          onStderr: (value) => seen.push(["stderr", value]),
        })
      : [];
    expect(outputs).toEqual([[1, 2, 3, 4], "b", 1, 1, 1]);
    expect(seen).toEqual([
      ["debug", 1],
      ["debug", "m"],
      ["stderr", 1],
    ]);
  });

  test("variables without a value are null, names of the prototype included", () => {
    const compiled = compileJq("[$constructor, $a]", { variables: ["constructor", "a"] });
    expect(compiled.ok && compiled.filter.run(null, { variables: {} })).toEqual([[null, null]]);
  });

  test("errors carry their value and the place of the operation", () => {
    expect(errorOf(".a |\n .b.c", { a: { b: 5 } })).toMatchObject({
      message: 'Cannot index number with string ("c")',
      position: { line: 2, column: 4 },
    });
    expect(errorOf('error({"code": 7})').value).toEqual({ code: 7 });
    expect(errorOf("error(null)").value).toBeNull();
  });
});

describe("evaluation", () => {
  test.each<[string, Json, string]>([
    ['"\\(1, 2) \\(3, 4)"', null, '["1 3","2 3","1 4","2 4"]'],
    ["{a: (1, 2), b: (3, 4)} | [.a, .b]", null, "[[1,3],[1,4],[2,3],[2,4]]"],
    ["(1, 2) + (10, 20)", null, "[11,12,21,22]"],
    [". as [$a, {b: $c}] ?// $a | [$a, $c]", [1, { b: 2 }], "[[1,2]]"],
    ["def f(g): g | g; f(.[])", [[1, 2], [3]], "[1,2,3]"],
    ["def f(g): g | g; f((10, 20) as $x | . + $x)", 1, "[21,31,31,41]"],
    ["def fib: if . < 2 then . else (. - 1 | fib) + (. - 2 | fib) end; fib", 15, "[610]"],
    ["label $a | 1, (label $b | 2, break $a, 3), 4", null, "[1,2]"],
    ["[label $f | range(10) | ., (select(. == 2) | break $f)]", null, "[[0,1,2]]"],
    ["label $out | [1, break $out], 2", null, "[]"],
    ["[.[] | try (if . > 2 then error else . end) catch -1]", [1, 3, 2], "[[1,-1,2]]"],
    ['try (1, error("x"), 3) catch .', null, '[1,"x"]'],
    ['try ((1, 2) | if . == 2 then error("down") else . end) catch .', null, '[1,"down"]'],
    [
      "reduce .[] as $row ({}; .[$row.k] += [$row.v])",
      [
        { k: "a", v: 1 },
        { k: "b", v: 2 },
        { k: "a", v: 3 },
      ],
      '[{"a":[1,3],"b":[2]}]',
    ],
    ["reduce range(3) as $i ({x: {n: 0}}; .y = .x | .x.n += 1)", null, '[{"x":{"n":3},"y":{"n":2}}]'],
    ["reduce range(2) as $i ([]; . = [.]) | tojson", null, '["[[[]]]"]'],
    ["reduce (1, 2) as $i ({}; .a |= [., .] | .a[0] = $i)", null, '[{"a":[2,[1,null]]}]'],
    [".a[1:3] = [9] | .b[2] = 1", { a: [1, 2, 3, 4] }, '[{"a":[1,9,4],"b":[null,null,1]}]'],
    ['.. |= (if type == "number" then . + 1 else . end)', [1, [2]], "[[2,[3]]]"],
    ["del(.[1, 2], .[-1])", [0, 1, 2, 3, 4], "[[0,3]]"],
    ["to_entries | from_entries", { a: 1, b: null }, '[{"a":1,"b":null}]'],
    ["[limit(3; repeat(1))], [limit(0; error)]", null, "[[1,1,1],[]]"],
    ['[.[] | ltrimstr("a")]', ["ab", "b"], '[["b","b"]]'],
    ['["😀é" | length, utf8bytelength, .[1:], explode]', null, '[[2,6,"é",[128512,233]]]'],
    ['[splits(", *"; null)]', "a, b,c", '[["a","b","c"]]'],
    ["ascii, @base32, (@base32 | @base32d)", 65, '["A","GY2Q====","65"]'],
    ['getpath(["a", 0, "b"])', { a: [{ b: 5 }] }, "[5]"],
    ["[paths]", { a: [1] }, '[[["a"],["a",0]]]'],
    ["$__loc__.line", null, "[1]"],
    ["INDEX(.[]; .id) | keys", [{ id: "x" }, { id: "y" }], '[["x","y"]]'],
    ['walk(if type == "array" then sort else . end)', [3, [2, 1]], "[[3,[1,2]]]"],
    ["[.[] | tojson]", [1e17, 1e-7, 1.5, 100, -0.0001], '[["1e+17","1e-07","1.5","100","-0.0001"]]'],
  ])("%s", (source, input, expected) => {
    expect(toJsonText(run(source, input))).toBe(expected);
  });

  test("never changes its input", () => {
    const input = Object.freeze({ a: Object.freeze([Object.freeze({ n: 1 })]) });
    expect(run(".a[0].n += 1 | .a += [2] | del(.a[0])", input)).toEqual([{ a: [2] }]);
    expect(run("reduce range(3) as $i (.; .a[0].n += 1 | .b[$i] = $i)", input)).toEqual([
      { a: [{ n: 4 }], b: [0, 1, 2] },
    ]);
    expect(input).toEqual({ a: [{ n: 1 }] });
  });
});
