import { setTimeout as delay } from "node:timers/promises";
import { measureLatency, median } from "./measure.ts";
import { type OurSystem, startOurs } from "./ours.ts";
import { ms, type Row } from "./report.ts";

const ROUNDS = 3;
const LIMIT_MS = 500;

/** From `kill -9` to the next answer: a command for the server, a finished run for a runner. */
export async function benchCrash(): Promise<readonly Row[]> {
  const ours = await startOurs("http://127.0.0.1:9");
  try {
    await measureLatency(ours.submit("recorded", 1), { warm: 20, count: 1 });
    const rows: Row[] = [];
    for (const component of ["server", "workflow-runner"] as const) {
      const times: number[] = [];
      for (let round = 0; round < ROUNDS; round++) times.push(await timeCrash(ours, component));
      rows.push({
        what: `kill -9 of the ${component} to the next finished run`,
        ours: `${ms(median(times))} (most ${ms(Math.max(...times))})`,
        target: `≤ ${ms(LIMIT_MS)}`,
        holds: median(times) <= LIMIT_MS,
      });
    }
    return rows;
  } finally {
    await ours.stop();
  }
}

async function timeCrash({ platform, submit }: OurSystem, component: string): Promise<number> {
  const pid = platform.pidOf(component);
  const startedAt = performance.now();
  process.kill(pid, "SIGKILL");
  for (;;) {
    const isServed = await submit("recorded", 1)().then(
      () => true,
      () => false,
    );
    if (isServed) return performance.now() - startedAt;
    if (performance.now() - startedAt > 30_000) throw new Error(`${component} did not come back within 30 s`);
    await delay(5);
  }
}
