import { describe, expect, test } from "vitest";
import type { JsonObject } from "../json.ts";
import type { EventConsumptionStrategy } from "../model-events.ts";
import { isStrategyMet, NO_EVENTS, takeEvent } from "./event-strategy.ts";

const event = (type: string, more: JsonObject = {}): JsonObject => ({
  specversion: "1.0",
  id: "1",
  source: "s",
  type,
  ...more,
});

/** Gives events one after the other; what became of each, and whether the waiting is over. */
function play(strategy: EventConsumptionStrategy, events: readonly JsonObject[], input: JsonObject = {}) {
  let progress = NO_EVENTS;
  const parts = events.map((one) => {
    const taken = takeEvent(strategy, one, progress, { input });
    progress = taken?.progress ?? progress;
    return taken?.part ?? "-";
  });
  return { parts: parts.join(" "), isMet: isStrategyMet(strategy, progress), keys: progress.keys };
}

const a = { with: { type: "a" } };
const b = { with: { type: "b" } };

describe("takeEvent()", () => {
  test.each<[string, EventConsumptionStrategy, string, string, boolean]>([
    ["one takes its event", { one: a }, "b a", "- events", true],
    ["one that has not come", { one: a }, "b c", "- -", false],
    ["any takes the first of several", { any: [a, b] }, "c b", "- events", true],
    ["any of nothing takes everything", { any: [] }, "x", "events", true],
    ["all takes one for each filter", { all: [a, b] }, "a a b", "events - events", true],
    ["all with one missing", { all: [a, b] }, "b", "events", false],
    ["all with the same filter twice", { all: [a, a] }, "a a a", "events events -", true],
    ["all of nothing", { all: [] }, "a", "-", true],
    ["until counts by itself", { any: [a], until: { one: b } }, "a a b", "events events until", true],
    ["until comes first", { any: [], until: { one: b } }, "a b", "events until", true],
    ["until all", { any: [a], until: { all: [b, { with: { type: "c" } }] } }, "b a b c", "until events - until", true],
    ["an expression in until is asked by others", { any: [a], until: "true" }, "a", "events", false],
  ])("%s", (_, strategy, types, parts, isMet) => {
    expect(
      play(
        strategy,
        types.split(" ").map((type) => event(type)),
      ),
    ).toMatchObject({ parts, isMet });
  });

  test("a correlation takes the first key and wants it again", () => {
    const strategy = {
      all: [
        { ...a, correlate: { room: { from: ".room" } } },
        { ...b, correlate: { room: { from: ".data.room" } } },
      ],
    };
    const { parts, keys } = play(strategy, [
      event("a"),
      event("a", { room: "x" }),
      event("b", { data: { room: "y" } }),
      event("b", { data: "no map" }),
      event("b", { data: { room: "x" } }),
    ]);
    expect({ parts, keys }).toEqual({ parts: "- events - - events", keys: { room: "x" } });
  });

  test.each([
    ["a constant", "7", 7],
    ["an expression", "${ .id }", 7],
    ["a text", "seven", "seven"],
  ])("a correlation expects %s", (_, expected, found) => {
    const strategy = { one: { ...a, correlate: { id: { from: ".data.id", expect: expected } } } };
    const { parts } = play(strategy, [event("a", { data: { id: 8 } }), event("a", { data: { id: found } })], { id: 7 });
    expect(parts).toBe("- events");
  });

  test("an expectation that cannot be evaluated is an error", () => {
    const strategy = { one: { ...a, correlate: { id: { from: ".id", expect: "${ error }" } } } };
    expect(() => takeEvent(strategy, event("a"), NO_EVENTS)).toThrow(/Cannot evaluate/);
  });
});
