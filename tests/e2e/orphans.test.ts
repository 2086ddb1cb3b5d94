import { describe, expect, test } from "vitest";
import { ORPHAN_VICTIMS, runOrphanRound } from "../faults/orphan-round.ts";

describe("kill -9 while shells and tools run", () => {
  test.each(ORPHAN_VICTIMS)("of the %s leaves no orphan, and everything completes", async (victim) => {
    const result = await runOrphanRound(victim);
    expect(result).toMatchObject({ lost: 0, orphans: [], saidSo: true });
    expect(result.running).toBeGreaterThan(4);
  });
});
