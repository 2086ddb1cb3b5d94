import { describe, expect, test } from "vitest";
import type { Schedule } from "./model.ts";
import { nextOccurrence } from "./next-occurrence.ts";

const next = (schedule: Schedule, after: string): string | undefined => {
  const at = nextOccurrence(schedule, Date.parse(after));
  return at === undefined ? undefined : new Date(at).toISOString();
};

describe("nextOccurrence() of cron", () => {
  test.each([
    ["0 0 * * *", "2026-01-31T00:00:00Z", "2026-02-01T00:00:00.000Z"],
    ["0 0 * * *", "2026-01-30T23:59:59.999Z", "2026-01-31T00:00:00.000Z"],
    ["*/15 8-10 * * mon-fri", "2026-01-02T10:45:00Z", "2026-01-05T08:00:00.000Z"],
    ["*/15 8-10 * * mon-fri", "2026-01-05T08:01:00Z", "2026-01-05T08:15:00.000Z"],
    ["30 2 29 2 *", "2026-01-01T00:00:00Z", "2028-02-29T02:30:00.000Z"],
    ["0 12 1 * fri", "2026-01-02T12:00:00Z", "2026-01-09T12:00:00.000Z"],
    ["0 12 1 * fri", "2026-01-30T12:00:00Z", "2026-02-01T12:00:00.000Z"],
    ["0 12 */2 * fri", "2026-01-02T12:00:00Z", "2026-01-09T12:00:00.000Z"],
    ["*/20 * * * * *", "2026-01-01T00:00:40Z", "2026-01-01T00:01:00.000Z"],
    ["5 * * * * *", "2026-01-01T00:00:04.500Z", "2026-01-01T00:00:05.000Z"],
    ["0 30 9 ? jun sun", "2026-01-01T00:00:00Z", "2026-06-07T09:30:00.000Z"],
    ["@monthly", "2026-12-15T00:00:00Z", "2027-01-01T00:00:00.000Z"],
    ["0 0 * * 7", "2026-01-01T00:00:00Z", "2026-01-04T00:00:00.000Z"],
    ["0 0 29 2 mon", "2026-03-03T00:00:00Z", "2027-02-01T00:00:00.000Z"],
  ])("%s after %s", (cron, after, expected) => {
    expect(next({ cron }, after)).toBe(expected);
  });

  test("is undefined for days that never come", () => {
    expect(next({ cron: "0 0 31 2 *" }, "2026-01-01T00:00:00Z")).toBeUndefined();
  });

  test("each moment of a year comes once", () => {
    const end = Date.parse("2027-01-01T00:00:00Z");
    let at = Date.parse("2025-12-31T23:59:59Z");
    let count = 0;
    for (;;) {
      const found = nextOccurrence({ cron: "0 6,18 * * *" }, at);
      if (found === undefined || found >= end) break;
      expect(found).toBeGreaterThan(at);
      at = found;
      count += 1;
    }
    expect(count).toBe(730);
  });
});

describe("nextOccurrence() of durations", () => {
  const after = "2026-01-01T00:00:00Z";

  test.each<[string, Schedule, string | undefined]>([
    ["every", { every: { minutes: 5 } }, "2026-01-01T00:05:00.000Z"],
    ["after the end", { after: "PT1H" }, "2026-01-01T01:00:00.000Z"],
    ["an expression of constants", { every: '${ "PT2S" }' }, "2026-01-01T00:00:02.000Z"],
    ["an expression that fails", { every: "${ .x }" }, undefined],
    ["nothing at all", { every: { seconds: 0 } }, undefined],
    ["events", { on: { any: [] } }, undefined],
    ["the earlier of two", { every: "P1D", cron: "0 12 * * *" }, "2026-01-01T12:00:00.000Z"],
  ])("%s", (_, schedule, expected) => {
    expect(next(schedule, after)).toBe(expected);
  });
});
