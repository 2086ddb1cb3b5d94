import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { createClient, type StigmerClient } from "@stigmer/sdk";
import { startTestPlatform, type TestHome } from "../e2e/platform-fixture.ts";
import { measureThroughput } from "./measure.ts";
import { proportionalSetSize } from "./processes.ts";
import { mb, ms, type Row } from "./report.ts";

const FULL_COUNT = 100_000;
const QUICK_COUNT = 20_000;
const WAITING = `document: { dsl: "1.0.3", namespace: bench, name: waiting, version: "1.0.0" }
do: [{ rest: { wait: { hours: 24 } } }]
`;

/** Executions that only wait: FULL=1 starts as many as the target says, otherwise a fifth of them. */
export async function benchWaiting(): Promise<readonly Row[]> {
  const count = process.env.FULL === "1" ? FULL_COUNT : QUICK_COUNT;
  const platform = await startTestPlatform();
  try {
    const client = await applyWaiting(platform);
    const perSecond = await startMany(client, count);
    await untilParked(client, count);
    const loadedBytes = proportionalSetSize([platform.pidOf("server")]);
    const restartMs = await timeRestart(platform, client);
    const restartedBytes = proportionalSetSize([platform.pidOf("server")]);
    const what = `${count.toLocaleString("en")} waiting executions`;
    const isFull = count === FULL_COUNT ? "" : " (for 100,000; FULL=1 starts them)";
    return [
      {
        what: `${what}: server memory (${perSecond.toFixed(0)} starts/s; ${mb(restartedBytes)} after a restart)`,
        ours: mb(loadedBytes),
        target: `≤ 300 MB${isFull}`,
        holds: loadedBytes <= 300e6,
      },
      {
        what: `${what}: kill -9 of the server to serving`,
        ours: ms(restartMs),
        target: `≤ 2 s${isFull}`,
        holds: restartMs <= 2_000,
      },
    ];
  } finally {
    await platform.remove();
  }
}

async function applyWaiting(platform: TestHome): Promise<StigmerClient> {
  const file = join(platform.home, "waiting.yaml");
  writeFileSync(file, WAITING);
  const { status, stderr } = await platform.run(["apply", "-f", file]);
  if (status !== 0) throw new Error(stderr);
  return createClient({ socketPath: join(platform.home, "run/stigmer.sock") });
}

async function startMany(client: StigmerClient, count: number): Promise<number> {
  const executions = await client.executions();
  const target = { kind: "Workflow", namespace: "bench", name: "waiting" };
  return measureThroughput(() => executions.start({ target }), { inFlight: 100, count });
}

/** Until no runner holds anything. */
async function untilParked(client: StigmerClient, count: number): Promise<void> {
  const system = await client.system();
  for (const until = Date.now() + 120_000; Date.now() < until; await delay(200)) {
    const { runners } = await system.status({});
    if (runners.every(({ held }) => held === 0)) return;
  }
  throw new Error(`${count} executions did not come to rest within 120 s`);
}

async function timeRestart(platform: TestHome, client: StigmerClient): Promise<number> {
  const system = await client.system();
  const startedAt = performance.now();
  process.kill(platform.pidOf("server"), "SIGKILL");
  for (;;) {
    const answer = await system.status({}).catch(() => undefined);
    if (answer !== undefined) return performance.now() - startedAt;
    if (performance.now() - startedAt > 60_000) throw new Error("the server did not come back within 60 s");
    await delay(5);
  }
}
