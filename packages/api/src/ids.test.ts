import { describe, expect, test } from "vitest";
import { idFromBytes, idTimeMs, isId, newId } from "./ids.ts";

describe("newId()", () => {
  test("is a prefix and a ULID that tells its time", () => {
    const id = newId("wex_", 1_700_000_000_123);
    expect(id).toMatch(/^wex_[0-9A-HJKMNP-TV-Z]{26}$/);
    expect(idTimeMs(id)).toBe(1_700_000_000_123);
  });

  test("sorts by time and never repeats", () => {
    expect(newId("aex_", 1000) < newId("aex_", 1001)).toBe(true);
    expect(new Set(Array.from({ length: 1000 }, () => newId("ses_", 5))).size).toBe(1000);
  });
});

describe("idFromBytes()", () => {
  test("matches the specification's layout", () => {
    expect(idFromBytes("wex_", 1469918176385, new Uint8Array(10))).toBe("wex_01ARYZ6S410000000000000000");
    expect(idFromBytes("wex_", 0, new Uint8Array(10).fill(255))).toBe("wex_0000000000ZZZZZZZZZZZZZZZZ");
  });

  test("refuses too few bytes", () => {
    expect(() => idFromBytes("wex_", 0, new Uint8Array(9))).toThrow(RangeError);
  });
});

describe("isId()", () => {
  test.each([
    "",
    "wex_",
    "wex_01ARYZ6S41000000000000000",
    "xex_01ARYZ6S410000000000000000",
    "wex_81ARYZ6S410000000000000000",
  ])("refuses %j", (text) => expect(isId(text)).toBe(false));
  test("compares the prefix", () => {
    expect(isId(newId("ses_"), "ses_")).toBe(true);
    expect(isId(newId("ses_"), "wex_")).toBe(false);
  });
});
