import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { Phase } from "@stigmer/api";
import { createClient } from "@stigmer/sdk";
import { builtExecutable } from "../e2e/executable-fixture.ts";
import { startTestPlatform, type TestHome } from "../e2e/platform-fixture.ts";
import { median } from "./measure.ts";
import { cpuTimeMs, timeCommand } from "./processes.ts";
import { ms, type Row } from "./report.ts";
import { startStepStub } from "./step-stub.ts";

const WARM = 20;
const RUNS = 20;
const LINES = 1_000;

const repeatTask = (count: number, task: (at: number) => string): string =>
  Array.from({ length: count }, (_, at) => `  - task${at}: ${task(at)}`).join("\n");

/** CPU of a run in its runner (interpreter, jq, effects) and in the server, and of validating a long document. */
export async function benchCpu(): Promise<readonly Row[]> {
  const stub = await startStepStub();
  const platform = await startTestPlatform();
  const call = `{ call: http, with: { method: post, endpoint: "${stub.address}", body: { step: 1 } } }`;
  const branch = `{ do: [${Array.from({ length: 5 }, (_, n) => `{ step${n}: { set: { n: ${n} } } }`).join(", ")}] }`;
  const branches = Array.from({ length: 10 }, (_, n) => `{ branch${n}: ${branch} }`).join(", ");
  const cases: Readonly<Record<string, string>> = {
    "50 set tasks": repeatTask(50, (at) => `{ set: { n: "\${ ${at} + 1 }" } }`),
    "a loop of 1,000 iterations":
      '  - loop: { for: { each: n, in: "${ [range(1000)] }" }, do: [{ one: { set: { n: "${ $n }" } } }] }',
    "fork, 10 branches of 5 tasks": `  - split: { fork: { branches: [${branches}] } }`,
    "50 HTTP calls": repeatTask(50, () => call),
  };
  try {
    const rows: Row[] = [];
    for (const [what, tasks] of Object.entries(cases)) rows.push(await measureCase(platform, what, tasks));
    rows.push(validateLong(platform));
    return rows;
  } finally {
    await platform.remove();
    stub.close();
  }
}

async function measureCase(platform: TestHome, what: string, tasks: string): Promise<Row> {
  const client = createClient({ socketPath: join(platform.home, "run/stigmer.sock") });
  const source = `document: { dsl: "1.0.3", namespace: bench, name: cpu, version: "1.0.0" }\ndo:\n${tasks}\n`;
  const executions = await client.executions();
  const run = async () => {
    for await (const { update } of executions.run({ start: { source } })) {
      if (update.case === "snapshot" && update.value.phase === Phase.COMPLETED) return;
      if (update.case === "snapshot" && update.value.phase === Phase.FAULTED)
        throw new Error(JSON.stringify(update.value.error));
    }
  };
  for (let n = 0; n < WARM; n++) await run();
  const [runner, server] = [[platform.pidOf("workflow-runner")], [platform.pidOf("server")]];
  const before = { runner: cpuTimeMs(runner), server: cpuTimeMs(server) };
  const times: number[] = [];
  for (let n = 0; n < RUNS; n++) {
    const startedAt = performance.now();
    await run();
    times.push(performance.now() - startedAt);
  }
  const runnerMs = (cpuTimeMs(runner) - before.runner) / RUNS;
  const serverMs = (cpuTimeMs(server) - before.server) / RUNS;
  return {
    what: `${what}: CPU of the runner, of the server, wall time`,
    ours: `${ms(runnerMs)}, ${ms(serverMs)}, ${ms(median(times))}`,
    target: "none",
    holds: true,
  };
}

/** The whole command, process start included. */
function validateLong(platform: TestHome): Row {
  const file = join(platform.home, "long.yaml");
  const task = (at: number) =>
    `  - task${at}:\n      set:\n        value: "\${ .a + ${at} }"\n        name: \${ "n\\(.b)" }`;
  const head = 'document: { dsl: "1.0.3", namespace: bench, name: long, version: "1.0.0" }\ndo:\n';
  const tasks = Array.from({ length: LINES / 4 }, (_, at) => task(at));
  writeFileSync(file, `${head}${tasks.join("\n")}\n`);
  const env = { ...process.env, STIGMER_HOME: platform.home };
  const times = Array.from({ length: 10 }, () => timeCommand(builtExecutable(), ["validate", file], env) ?? Number.NaN);
  return { what: `\`stigmer validate\` of ${LINES} lines`, ours: ms(median(times)), target: "none", holds: true };
}
