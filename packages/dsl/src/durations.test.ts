import { describe, expect, test } from "vitest";
import { durationToMs } from "./durations.ts";

describe("durationToMs()", () => {
  test.each([
    ["PT0S", 0],
    ["PT1H30M", 5_400_000],
    ["P1DT2S", 86_402_000],
    ["PT0.25S", 250],
    ["P2W", 1_209_600_000],
    ["P1Y", 31_536_000_000],
    ["P1M", 2_592_000_000],
    [{ seconds: 1, milliseconds: 5 }, 1_005],
    [{ days: 1, hours: 1, minutes: 1 }, 90_060_000],
  ])("%j is %d ms", (duration, expected) => {
    expect(durationToMs(duration)).toBe(expected);
  });

  test.each([
    "",
    "P",
    "PT",
    "P1",
    "1H",
    "PT1H ",
    "P-1D",
    "PT1.S",
    "P99999999Y",
    `PT${"1".repeat(200)}S`,
    {},
    { seconds: -1 },
    { seconds: 0.5 },
    { days: 1e9 },
  ])("refuses %j", (duration) => {
    expect(durationToMs(duration)).toBeUndefined();
  });
});
