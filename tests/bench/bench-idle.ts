import { setTimeout as delay } from "node:timers/promises";
import { startTestPlatform } from "../e2e/platform-fixture.ts";
import { COMPONENTS, platformPids } from "./platform-pids.ts";
import { cpuTimeMs, proportionalSetSize } from "./processes.ts";
import { mb, type Row } from "./report.ts";

const SETTLE_MS = 5_000;
const WATCH_MS = 10_000;

/** What a platform costs that does nothing: supervisor, server and both runners together. */
export async function benchIdle(): Promise<readonly Row[]> {
  const platform = await startTestPlatform();
  try {
    await delay(SETTLE_MS);
    const pids = platformPids(platform);
    const before = cpuTimeMs(pids);
    await delay(WATCH_MS);
    const share = (cpuTimeMs(pids) - before) / WATCH_MS;
    const sizes = pids.map((pid) => proportionalSetSize([pid]));
    const total = sizes.reduce((sum, size) => sum + size, 0);
    const parts = ["supervisor", ...COMPONENTS].map((name, at) => `${name} ${mb(sizes[at] ?? 0)}`);
    return [
      { what: `idle memory, PSS (${parts.join(", ")})`, ours: mb(total), target: "≤ 220 MB", holds: total <= 220e6 },
      {
        what: `idle CPU over ${WATCH_MS / 1_000} s`,
        ours: `${(share * 100).toFixed(2)} % of a core`,
        target: "≤ 1 %",
        holds: share <= 0.01,
      },
    ];
  } finally {
    await platform.remove();
  }
}
