import { describe, expect, test } from "vitest";
import { matchesEventFilter } from "./flow/event-filters.ts";
import { matchesFormat } from "./schema/formats.ts";
import { validateSchema } from "./schema/validate-schema.ts";

const evil = "(a+)+$";
const long = `${"a".repeat(50)}!`;

describe("patterns from documents", () => {
  test("match anywhere in schemas", () => {
    expect(validateSchema({ pattern: "^a.c$" }, "abc")).toEqual([]);
    expect(validateSchema({ pattern: "b+" }, "abbc")).toEqual([]);
    expect(validateSchema({ pattern: "^b" }, "abc")).toMatchObject([{ keyword: "pattern" }]);
    expect(validateSchema({ patternProperties: { "^x": { type: "string" } } }, { x1: 1, y: 1 })).toMatchObject([
      { pointer: "/x1", keyword: "type" },
    ]);
    expect(validateSchema({ patternProperties: { "^x": true }, additionalProperties: false }, { y: 1 })).toHaveLength(
      1,
    );
  });

  test("match the whole attribute in event filters", () => {
    const event = { type: "com.example.order.v12", source: "https://a.example" };
    expect(matchesEventFilter({ with: { type: "com\\.example\\..*\\.v\\d+" } }, event)).toBe(true);
    expect(matchesEventFilter({ with: { type: "order.*" } }, event)).toBe(false);
    expect(matchesEventFilter({ with: { source: "https://(a|b)\\.example" } }, event)).toBe(true);
    expect(matchesEventFilter({ with: { source: "(unclosed" } }, event)).toBe(false);
  });

  test("know a broken pattern", () => {
    expect(matchesFormat("regex", "(a|b)*")).toBe(true);
    expect(matchesFormat("regex", "(a|b")).toBe(false);
    expect(validateSchema({ pattern: "(" }, "x")).toMatchObject([{ keyword: "pattern" }]);
  });

  test("end an explosion within 50 ms of work each", () => {
    const run = () => [
      validateSchema({ pattern: evil }, long),
      matchesEventFilter({ with: { type: evil } }, { type: long }),
    ];
    run();
    const before = process.cpuUsage();
    const [problems, matches] = run();
    expect(process.cpuUsage(before).user / 1_000).toBeLessThan(100);
    expect(problems).toHaveLength(1);
    expect(matches).toBe(false);
  });
});
