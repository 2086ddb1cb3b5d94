import type { Json } from "@stigmer/dsl";
import { DurableFailure } from "@stigmer/durable";
import { expect, test } from "vitest";
import { failureOf } from "./corpus/corpus.testsuite.ts";
import { runScenario, type Scenario } from "./testing.testsuite.ts";

/** Numbers from a seed, so that a failing document can be made again. */
function createDice(seed: number): (sides: number) => number {
  let state = seed * 2_654_435_761;
  return (sides) => {
    state = (Math.imul(state ^ (state >>> 15), 2_246_822_519) + 374_761_393) | 0;
    return ((state >>> 8) & 0xffff) % sides;
  };
}

type Dice = (sides: number) => number;

/** Tasks whose results do not depend on the order between branches. */
function randomTask(dice: Dice, depth: number): Json {
  const leaf = depth <= 0;
  switch (dice(leaf ? 7 : 13)) {
    case 0:
      return { set: ". + { n: ((.n // 0) + 1) }" };
    case 1:
      return { wait: { milliseconds: dice(3) * 100 } };
    case 2:
    case 3:
      return { call: "http", with: { method: dice(2) === 0 ? "get" : "post", endpoint: "https://example.com" } };
    case 4:
      return { if: `(.n // 0) % 2 == ${dice(2)}`, set: ". + { even: true }" };
    case 5:
      return { emit: { event: { with: { type: "com.example.tick" } } }, output: { as: "$input" } };
    case 6:
      return { call: ["count", "twice"][dice(2)] ?? "count", with: { n: "${ .n? }" } };
    case 7:
      return {
        do: randomList(dice, depth - 1),
        ...(dice(3) === 0 ? { timeout: { after: { milliseconds: 350 } } } : {}),
      };
    case 8:
      return { for: { in: `[range(${dice(4)})]` }, do: randomList(dice, depth - 1) };
    case 9:
      return { fork: { branches: guarded(randomList(dice, depth - 1)) }, output: { as: "{ n: length, branches: . }" } };
    default:
      return {
        try: randomList(dice, depth - 1),
        catch: {
          ...(dice(2) === 0 ? { do: randomList(dice, depth - 2) } : {}),
          ...(dice(2) === 0
            ? { retry: { delay: { milliseconds: dice(3) * 50 }, limit: { attempt: { count: 2 } } } }
            : {}),
        },
      };
  }
}

function randomList(dice: Dice, depth: number): Json[] {
  return Array.from({ length: 1 + dice(3) }, (_, index) => ({ [`t${index}`]: randomTask(dice, depth) }));
}

/** Which fault comes first would depend on the order between branches. */
function guarded(branches: readonly Json[]): Json[] {
  return branches.map((branch, index) => ({ [`b${index}`]: { try: [branch], catch: {} } }));
}

/** Functions that call each other, and sometimes an extension around tasks. */
function randomUse(dice: Dice): Json {
  const before = [{ look: { wait: { milliseconds: dice(2) * 10 } } }];
  const mock = [{ answer: { set: { n: 1 }, then: "exit" } }];
  const extend = ["set", "call", "all", "composite"][dice(4)] ?? "all";
  return {
    functions: {
      count: { do: [{ pause: { wait: { milliseconds: 20 } } }, { up: { set: "{ n: ((.n // 0) + 1) }" } }] },
      twice: {
        do: [{ a: { call: "count", with: { n: "${ .n }" } } }, { b: { call: "count", with: { n: "${ .n }" } } }],
      },
    },
    ...(dice(3) === 0
      ? {
          extensions: [{ look: { extend, when: "(.n? // 0) % 3 == 0", before, after: dice(2) === 0 ? before : mock } }],
        }
      : {}),
  };
}

/** An outcome that depends on the call's key alone: one in four fails. */
function outcomeOf(key: string): Json {
  const sum = [...key].reduce((total, character) => (total * 31 + character.charCodeAt(0)) % 1_009, 7);
  if (sum % 4 === 0) throw new DurableFailure(failureOf({ status: 503 }));
  return { n: sum };
}

test.each(Array.from({ length: 150 }, (_, index) => index + 1))(
  "document %i: crashes, snapshots and restores change nothing",
  async (seed) => {
    const dice = createDice(seed);
    const scenario: Scenario = { input: { n: seed }, definition: { use: randomUse(dice), do: randomList(dice, 3) } };
    const runEffect = async ({ kind, key, input }: { kind: string; key: string; input: Json }) =>
      kind === "emit" ? input : outcomeOf(key);
    const whole = await runScenario(scenario, { runEffect });
    expect(["completed", "failed"]).toContain(whole.end.kind);
    for (let round = 1; round <= 3; round += 1) {
      const chaos = { seed: seed * 10 + round, rate: 0.3 };
      const run = await runScenario(scenario, { runEffect, chaos, wantsSnapshot: () => true });
      expect(run.end).toEqual(whole.end);
      expect(run.elapsedMs).toBe(whole.elapsedMs);
      const started = [whole, run].map(({ execution }) =>
        execution.events.filter(({ type }) => type === "task.started").map(({ data }) => JSON.stringify(data)),
      );
      expect(started[1]?.sort()).toEqual(started[0]?.sort());
    }
  },
);
