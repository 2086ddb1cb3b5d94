import { describe, expect, test } from "vitest";
import { runKillRound, VICTIMS } from "../faults/kill-round.ts";

describe("kill -9 during running executions", () => {
  test.each(VICTIMS)("of the %s loses nothing and repeats nothing recorded", async (victim) => {
    const result = await runKillRound({ victim, executions: 50, kills: 2 });
    expect(result).toMatchObject({ completed: 50, lost: 0, repeatedRecorded: 0, keysChanged: 0 });
    expect(result.killsInEffect / result.kills).toBeGreaterThanOrEqual(0.6);
  });
});
