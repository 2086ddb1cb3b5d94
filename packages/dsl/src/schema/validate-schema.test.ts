import { describe, expect, test } from "vitest";
import type { Json } from "../json.ts";
import { matchesFormat } from "./formats.ts";
import { describeSchemaProblems, validateSchema } from "./validate-schema.ts";

const person = {
  type: "object",
  required: ["name"],
  properties: {
    name: { type: "string", minLength: 2 },
    age: { type: "integer", minimum: 0, maximum: 150 },
    tags: { type: "array", items: { type: "string" }, uniqueItems: true, maxItems: 2 },
    parent: { $ref: "#" },
  },
  additionalProperties: false,
};

function summary(schema: Json, value: Json): readonly string[] {
  return validateSchema(schema, value).map(({ pointer, keyword }) => `${pointer} ${keyword}`);
}

describe("validateSchema()", () => {
  test("reports every problem with its place", () => {
    expect(summary(person, { name: "A", age: 1.5, tags: ["x", "x", 1], parent: { extra: 1 } })).toEqual([
      "/name minLength",
      "/age type",
      "/tags/2 type",
      "/tags maxItems",
      "/tags uniqueItems",
      "/parent required",
      "/parent additionalProperties",
    ]);
    expect(describeSchemaProblems(validateSchema(person, 1))).toBe("the value must be object, is integer");
  });

  test.each<[string, Json, Json, boolean]>([
    ["integers may be written 1.0", { type: "integer" }, 1.0, true],
    ["several types", { type: ["string", "null"] }, null, true],
    ["enum compares data", { enum: [{ a: 1, b: 2 }] }, { b: 2, a: 1 }, true],
    ["const", { const: [1] }, [1, 2], false],
    ["multipleOf with fractions", { multipleOf: 0.1 }, 0.3, true],
    ["multipleOf", { multipleOf: 2 }, 3, false],
    ["exclusive bounds", { exclusiveMinimum: 1, exclusiveMaximum: 3 }, 3, false],
    ["length counts characters", { maxLength: 1 }, "😀", true],
    ["prefixItems then items", { prefixItems: [{ type: "string" }], items: { type: "number" } }, ["a", 1], true],
    ["items after prefixItems", { prefixItems: [{ type: "string" }], items: { type: "number" } }, ["a", "b"], false],
    ["draft 7 tuples", { items: [{ type: "string" }], additionalItems: false }, ["a", 1], false],
    ["contains", { contains: { const: 1 }, minContains: 2 }, [1, 2], false],
    ["propertyNames", { propertyNames: { maxLength: 1 } }, { ab: 1 }, false],
    ["dependentRequired", { dependentRequired: { a: ["b"] } }, { a: 1 }, false],
    ["draft 7 dependencies", { dependencies: { a: { required: ["b"] } } }, { a: 1 }, false],
    ["anyOf", { anyOf: [{ type: "string" }, { minimum: 5 }] }, 4, false],
    ["oneOf matches twice", { oneOf: [{ type: "number" }, { minimum: 0 }] }, 1, false],
    ["not", { not: { type: "string" } }, "a", false],
    ["if then", JSON.parse('{"if": {"const": 1}, "then": false, "else": true}'), 1, false],
    ["if else", JSON.parse('{"if": {"const": 1}, "then": true, "else": {"const": 2}}'), 3, false],
    ["$defs", { $defs: { a: { type: "string" } }, $ref: "#/$defs/a" }, 1, false],
    ["$anchor", { $defs: { a: { $anchor: "here", type: "string" } }, $ref: "#here" }, 1, false],
    ["$id", { $defs: { a: { $id: "https://x.example/s.json", type: "string" } }, $ref: "s.json" }, "a", true],
    ["a reference outside", { $ref: "https://elsewhere.example/schema" }, 1, false],
    ["unevaluatedProperties", { allOf: [{ properties: { a: true } }], unevaluatedProperties: false }, { a: 1 }, true],
    [
      "unevaluatedProperties refuses",
      { allOf: [{ properties: { a: true } }], unevaluatedProperties: false },
      { b: 1 },
      false,
    ],
    ["unevaluatedItems", { prefixItems: [true], unevaluatedItems: false }, [1, 2], false],
    ["true", true, 1, true],
    ["false", false, 1, false],
    ["inherited names are no members", { required: ["toString"] }, {}, false],
    ["keywords are own members only", { properties: { constructor: { type: "string" } } }, {}, true],
  ])("%s", (_, schema, value, isValid) => {
    expect(validateSchema(schema, value).length === 0).toBe(isValid);
  });

  test.each<[string, Json, Json]>([
    ["a schema that refers to itself", { $ref: "#" }, 1],
    ["references in a circle", { $defs: { a: { $ref: "#/$defs/b" }, b: { $ref: "#/$defs/a" } }, $ref: "#/$defs/a" }, 1],
    [
      "branches that multiply",
      {
        $defs: { a: { anyOf: [{ items: { $ref: "#/$defs/a" } }, { items: { $ref: "#/$defs/a" } }, false] } },
        not: { $ref: "#/$defs/a" },
      },
      JSON.parse(`${"[".repeat(40)}1${"]".repeat(40)}`),
    ],
  ])("gives up on %s in time", (_, schema, value) => {
    const started = performance.now();
    expect(validateSchema(schema, value).at(-1)?.keyword).toBe("budget");
    expect(performance.now() - started).toBeLessThan(3_000);
  });
});

describe("matchesFormat()", () => {
  test.each([
    [
      "date-time",
      ["2026-02-28T23:59:60Z", "2024-02-29t01:02:03.5+02:00"],
      ["2026-02-29T00:00:00Z", "2026-01-01 00:00:00Z", "x"],
    ],
    ["date", ["2026-12-31"], ["2026-13-01", "26-01-01"]],
    ["time", ["12:00:00Z"], ["12:00:00", "25:00:00Z"]],
    ["duration", ["P1D", "PT1H"], ["1D", "P"]],
    ["email", ["a.b@example.com"], ["a@", "@b", "a..b@c.de", "a b@c.de"]],
    ["hostname", ["example.com", "a-b"], ["-a", "a..b", "a_b"]],
    ["ipv4", ["127.0.0.1"], ["256.0.0.1", "1.2.3", "01.2.3.4"]],
    ["ipv6", ["::1", "fe80::1:2", "::ffff:1.2.3.4", "1:2:3:4:5:6:7:8"], ["1::2::3", ":::", "12345::", "1:2:3"]],
    ["uri", ["https://a.example/x?y#z", "urn:a:b"], ["/relative", "https://a b", "a%zz:"]],
    ["uri-reference", ["/relative"], ["a b"]],
    ["uuid", ["123e4567-e89b-12d3-a456-426614174000"], ["123e4567"]],
    ["json-pointer", ["", "/a~1b"], ["a", "/~2"]],
    ["anything-else", ["whatever"], []],
  ])("%s", (format, good, bad) => {
    expect(good.filter((text) => !matchesFormat(format, text))).toEqual([]);
    expect(bad.filter((text) => matchesFormat(format, text))).toEqual([]);
  });
});
