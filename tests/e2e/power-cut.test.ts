import { describe, expect, test } from "vitest";
import { canCutPower, runPowerCuts } from "../faults/power-cut.ts";

const isPossible = canCutPower();
if (!isPossible) console.log("power cut: skipped, this machine lets us mount no disk images (needs root)");

describe("a power cut", () => {
  test.runIf(isPossible)("takes nothing that was acknowledged", async () => {
    const result = await runPowerCuts({ cuts: 2, betweenMs: 1_000 });
    expect(result).toMatchObject({ cuts: 2, lost: 0, real: 2 });
    expect(result.acknowledged).toBeGreaterThan(50);
  });
});
