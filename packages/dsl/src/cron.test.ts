import { describe, expect, test } from "vitest";
import { parseCron } from "./cron.ts";

describe("parseCron()", () => {
  test("reads lists, ranges, steps and words", () => {
    expect(parseCron("*/20 8-10,12 1 jan,JUN mon-fri")).toEqual({
      seconds: [0],
      minutes: [0, 20, 40],
      hours: [8, 9, 10, 12],
      daysOfMonth: [1],
      months: [1, 6],
      daysOfWeek: [1, 2, 3, 4, 5],
      isEitherDay: true,
    });
    expect(parseCron("5/15 0 * * 7")).toMatchObject({ minutes: [5, 20, 35, 50], daysOfWeek: [0], isEitherDay: false });
    expect(parseCron("*/30 0 12 ? * mon")).toMatchObject({ seconds: [0, 30], minutes: [0], isEitherDay: false });
    expect(parseCron("@daily")).toEqual(parseCron("0 0 * * *"));
  });

  test.each([
    "",
    "* * * *",
    "* * * * * * *",
    "60 * * * * *",
    "60 * * * *",
    "* 24 * * *",
    "* * 0 * *",
    "* * * 13 *",
    "* * * * 8",
  ])("refuses %j", (text) => {
    expect(parseCron(text)).toBeUndefined();
  });

  test.each([
    "5-1 * * * *",
    "*/0 * * * *",
    "1,, * * * *",
    "*-5 * * * *",
    "x * * * *",
    "-1 * * * *",
    "? * * * *",
    "@never",
  ])("refuses %j", (text) => {
    expect(parseCron(text)).toBeUndefined();
  });
});
