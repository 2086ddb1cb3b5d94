import { describe, expect, test } from "vitest";
import { countSpawnDepth, DEEPEST_SPAWN } from "./spawn-depth.ts";

describe("countSpawnDepth()", () => {
  test("lets the deepest chain of our own processes through and stops the next", () => {
    const env: NodeJS.ProcessEnv = {};
    for (let depth = 0; depth <= DEEPEST_SPAWN; depth++) expect(countSpawnDepth(env)).toBeUndefined();
    expect(countSpawnDepth(env)).toContain(`${DEEPEST_SPAWN + 1} stigmer processes started one another`);
  });

  test.each(["", "x", "NaN"])("counts from zero when the variable is %j", (value) => {
    const env = { STIGMER_SPAWN_DEPTH: value };
    expect(countSpawnDepth(env)).toBeUndefined();
    expect(env.STIGMER_SPAWN_DEPTH).toBe("1");
  });
});
