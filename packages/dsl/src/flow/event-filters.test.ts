import { describe, expect, test } from "vitest";
import { matchesEventFilter } from "./event-filters.ts";

const event = {
  id: "1",
  source: "https://hospital.example/vitals?room=1",
  type: "com.example.vitals.v1",
  subject: "room-1",
  data: { temperature: 39, patient: { id: 7, name: "Ann" } },
};

describe("matchesEventFilter()", () => {
  test.each([
    [{ type: "com.example.vitals.v1" }, true],
    [{ type: "com.example.vitals.v2" }, false],
    [{ type: "comXexample.vitals.v1" }, false],
    [{ source: "https://hospital.example/vitals?room=1" }, true],
    [{ missing: "x" }, false],
    [{ toString: "x" }, false],
    [{ data: "${ .temperature > 38 }" }, true],
    [{ data: "${ .temperature > 40 }" }, false],
    [{ data: "${ .temperature.x.y }" }, false],
    [{ data: { patient: { id: 7 } } }, true],
    [{ data: { patient: { id: 8 } } }, false],
    [{ subject: "${ .room }" }, true],
    [{ subject: "${ $context.other }" }, false],
    [{ type: "com.example.vitals.v1", subject: "room-2" }, false],
  ])("%j: %s", (attributes, expected) => {
    const scope = { input: { room: "room-1" }, variables: { context: { other: "room-2" } } };
    expect(matchesEventFilter({ with: attributes }, event, scope)).toBe(expected);
  });
});
