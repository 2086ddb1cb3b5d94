import { createMemoryDatabase } from "@stigmer/server";
import { describe, expect, test } from "vitest";
import { PLANTED_FAULTS, type PlantedFault } from "./faults.ts";
import { World } from "./world.ts";

/** Worlds that must hold; `SEEDS=1000000` for a long run, `FIRST_SEED` to go on elsewhere. */
const SEEDS = Number(process.env.SEEDS ?? 10_000);
const FIRST_SEED = Number(process.env.FIRST_SEED ?? 1);

/** Worlds within which each planted fault must be found. */
const FAULT_SEEDS = 10_000;

describe("simulation", () => {
  test(`nothing is lost, repeated or doubled in ${SEEDS} worlds`, { timeout: 0 }, async () => {
    const database = createMemoryDatabase();
    const total = { executions: 0, touches: 0, kills: 0 };
    const before = process.cpuUsage();
    for (let seed = FIRST_SEED; seed < FIRST_SEED + SEEDS; seed++) {
      const report = await liveThrough(seed, database);
      total.executions += report.executions;
      total.touches += report.touches;
      total.kills += report.kills;
    }
    const seconds = (process.cpuUsage(before).user / 1e6).toFixed(1);
    console.log(
      `simulation: ${SEEDS} worlds, ${total.executions} executions, ${total.touches} touches, ${total.kills} kills, 0 violations, ${seconds} s of CPU`,
    );
    expect(total.kills).toBeGreaterThan(SEEDS / 4);
    expect(total.touches).toBeGreaterThan(SEEDS);
  });

  test.for(PLANTED_FAULTS)("finds: $name", { timeout: 0 }, async (fault) => {
    const found = await findFault(fault);
    expect(found, `not found within ${FAULT_SEEDS} worlds`).toBeDefined();
    console.log(`simulation: found "${fault.name}" in world ${found?.seed}: ${found?.message}`);
  });
});

async function liveThrough(seed: number, database: ReturnType<typeof createMemoryDatabase>) {
  try {
    return await new World(seed, database).run();
  } catch (error) {
    throw new Error(`world ${seed}: ${String(error)} (repeat with FIRST_SEED=${seed} SEEDS=1)`, { cause: error });
  }
}

async function findFault(
  fault: PlantedFault,
): Promise<{ readonly seed: number; readonly message: string } | undefined> {
  const database = createMemoryDatabase(fault.database?.());
  for (let seed = 1; seed <= FAULT_SEEDS; seed++) {
    try {
      await new World(seed, database, fault.world?.()).run();
    } catch (error) {
      return { seed, message: String(error) };
    }
  }
  return undefined;
}
