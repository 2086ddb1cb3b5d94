import { describe, expect, test } from "vitest";
import type { Json } from "../json.ts";
import { parseManifest } from "../manifest/parse-manifest.ts";
import { splitPointer } from "../text/pointers.ts";
import { validateDefinition, validateDocument } from "./validate-document.ts";

const HEAD = "document:\n  dsl: 1.0.3\n  namespace: test\n  name: sample\n  version: 1.0.0\n";

const definition: Json = {
  document: { dsl: "1.0.3", namespace: "test", name: "mutant", version: "1.0.0" },
  input: { schema: { document: { type: "object", properties: { a: { type: "string", pattern: "^a" } } } }, from: "." },
  use: {
    secrets: ["s"],
    retries: { r: { delay: "PT1S", backoff: { linear: {} } } },
    timeouts: { t: { after: "PT1M" } },
  },
  do: [
    { get: { call: "http", with: { method: "get", endpoint: { uri: "http://a/{x}" } }, timeout: "t", if: ".a" } },
    { loop: { for: { each: "x", in: ".items" }, while: "$x", do: [{ inner: { set: { a: "${ $x }" } } }] } },
    JSON.parse('{"pick":{"switch":[{"one":{"when":".a","then":"get"}},{"other":{"then":"end"}}]}}'),
    { attempt: { try: [{ w: { wait: { seconds: 1 } } }], catch: { as: "e", retry: "r", do: [{ x: { set: "$e" } }] } } },
    { hear: { listen: { to: { any: [{ with: { type: "t" } }], until: "true" } }, foreach: { item: "i", do: [] } } },
    { run: { run: { script: { language: "js", code: "1", arguments: ["a"] } } } },
  ],
};

const intruders: readonly Json[] = [
  null,
  true,
  0,
  -1.5,
  "",
  "text",
  "${ .a",
  [],
  [1],
  {},
  { a: { b: null } },
  "__proto__",
];

/** Every pointer of a value. */
function* pointersOf(value: Json, pointer = ""): Generator<string> {
  yield pointer;
  if (typeof value !== "object" || value === null) return;
  for (const [key, member] of Object.entries(value)) yield* pointersOf(member, `${pointer}/${key}`);
}

/** Copy of a value with another one at a pointer. */
function replaceAt(value: Json, keys: readonly string[], intruder: Json): Json {
  const [key, ...rest] = keys;
  if (key === undefined || typeof value !== "object" || value === null) return intruder;
  if (Array.isArray(value))
    return value.map((item, index) => (String(index) === key ? replaceAt(item, rest, intruder) : item));
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [name, name === key ? replaceAt(member, rest, intruder) : member]),
  );
}

describe("validation of broken documents", () => {
  test("never throws, whatever stands wherever", () => {
    let refused = 0;
    let count = 0;
    for (const pointer of pointersOf(definition)) {
      for (const intruder of intruders) {
        const mutant = replaceAt(definition, splitPointer(pointer), intruder);
        if (validateDocument(mutant, { supported: "now" }).some(({ severity }) => severity === "error")) refused++;
        count++;
      }
    }
    expect(count).toBeGreaterThan(1_000);
    expect(refused).toBeGreaterThan(count / 2);
  });

  test("never throws on cut or damaged texts", () => {
    const text = JSON.stringify(definition, undefined, 1);
    for (let end = 0; end < text.length; end += 17) {
      expect(validateDefinition(text.slice(0, end)).length).toBeGreaterThan(0);
      parseManifest(`${text.slice(0, end)}\u0000\t${text.slice(end + 3)}`);
    }
  });

  test("a document full of problems ends in time and in bounds", () => {
    const lines = Array.from({ length: 5_000 }, (_, index) => `  - t${index}: {sett: {a: 1}}`);
    const started = performance.now();
    const diagnostics = validateDefinition(`${HEAD}do:\n${lines.join("\n")}\n`);
    expect(performance.now() - started).toBeLessThan(10_000);
    expect(diagnostics).toHaveLength(1_001);
    expect(diagnostics.at(-1)).toMatchObject({ code: "more-problems", severity: "error" });
  });
});
