import { describe, expect, test } from "vitest";
import { TurnMeter } from "./turn-meter.ts";

describe("TurnMeter", () => {
  test.each([
    { name: "a turn within the budget", beside: 0, elapsedMs: 1000, over: undefined },
    { name: "a turn above it", beside: 0, elapsedMs: 1001, over: 1001 },
    { name: "a turn that shared the thread with two others", beside: 2, elapsedMs: 2999, over: undefined },
    { name: "a turn that took too much for three", beside: 2, elapsedMs: 3001, over: 3001 },
  ])("$name", ({ beside, elapsedMs, over }) => {
    let now = 0;
    const meter = new TurnMeter({ stopwatch: () => now, cpuMs: () => now }, 1000);
    const owner = {};
    const others = Array.from({ length: beside }, () => ({}));
    others.slice(1).forEach((other) => {
      meter.begin(other);
    });
    meter.begin(owner);
    others.slice(0, 1).forEach((other) => {
      meter.begin(other);
    });
    now = elapsedMs;
    expect(meter.end(owner)).toBe(over);
    expect(meter.end(owner)).toBeUndefined();
  });

  test("a machine that slept or was busy is no fault of the program", () => {
    let now = 0;
    const meter = new TurnMeter({ stopwatch: () => now, cpuMs: () => 5 }, 1000);
    const owner = {};
    meter.begin(owner);
    now = 60_000;
    expect(meter.end(owner)).toBeUndefined();
  });
});
