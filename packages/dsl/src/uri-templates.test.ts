import { describe, expect, test } from "vitest";
import { WorkflowProblemError } from "./standard-errors.ts";
import { expandUriTemplate, templateNames } from "./uri-templates.ts";

describe("expandUriTemplate()", () => {
  test.each([
    ["https://x.example/pet/{petId}", { petId: 7 }, "https://x.example/pet/7"],
    ["https://x.example/{pet.id}", { "pet.id": "a b", pet: { id: 1 } }, "https://x.example/a%20b"],
    ["https://x.example/{missing}/{nothing}", { nothing: null }, "https://x.example//"],
    ["https://x.example/{a}", { a: "ü/?!'()*" }, "https://x.example/%C3%BC%2F%3F%21%27%28%29%2A"],
    ["https://x.example/{ok}", { ok: true }, "https://x.example/true"],
    ["https://x.example/{toString}", {}, "https://x.example/"],
    ["https://x.example/{a}", null, "https://x.example/"],
    ["https://x.example/{a}", { a: "\ud800" }, "https://x.example/%EF%BF%BD"],
  ])("%s with %j", (template, values, expected) => {
    expect(expandUriTemplate(template, values)).toBe(expected);
  });

  test.each([{ a: [1] }, { a: {} }])("refuses %j as an expression error", (values) => {
    expect(() => expandUriTemplate("https://x.example/{a}", values)).toThrow(WorkflowProblemError);
  });

  test("lists the names of a template", () => {
    expect(templateNames("{a}/{b.c}?{a}")).toEqual(["a", "b.c", "a"]);
  });
});
