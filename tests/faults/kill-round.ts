import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fromJson, toJson } from "@bufbuild/protobuf";
import { ValueSchema } from "@bufbuild/protobuf/wkt";
import { Phase } from "@stigmer/api";
import { createClient, type StigmerClient } from "@stigmer/sdk";
import { memberAt, startTestPlatform, type TestHome } from "../e2e/platform-fixture.ts";
import { startTouchCounter, type TouchCounter } from "./touch-counter.ts";

/** Whom a round kills. */
export const VICTIMS = ["server", "workflow-runner", "supervisor"] as const;
export type Victim = (typeof VICTIMS)[number];

export interface KillRoundParams {
  readonly victim: Victim;
  readonly executions: number;
  readonly kills: number;
}

/** What a round showed. */
export interface KillRoundResult {
  readonly completed: number;
  /** Executions that ended otherwise, or not at all. */
  readonly lost: number;
  /** Steps whose recorded outcome is not the last touch: a recorded effect ran again. */
  readonly repeatedRecorded: number;
  /** Steps that were touched more than once: allowed, they were not recorded yet. */
  readonly repeatedUnrecorded: number;
  /** Steps whose touches came with different idempotency keys. */
  readonly keysChanged: number;
  readonly kills: number;
  /** Kills that fell while at least one effect ran. */
  readonly killsInEffect: number;
  /** Longest time from a kill until everything was ready again, ms. */
  readonly slowestRecoveryMs: number;
}

const STEPS = 5;
const EFFECT_MS = 300;

/** Kills one process again and again while executions run, and compares what the world saw with what was recorded. */
export async function runKillRound(params: KillRoundParams): Promise<KillRoundResult> {
  const counter = await startTouchCounter(EFFECT_MS);
  const platform = await startTestPlatform();
  try {
    const file = join(platform.home, "steps.yaml");
    writeFileSync(file, workflow());
    await mustSucceed(platform, ["apply", "-f", file]);
    const client = createClient({ socketPath: join(platform.home, "run/stigmer.sock") });
    const ids = await startExecutions(client, counter.address, params.executions);
    const recovery: number[] = [];
    let killsInEffect = 0;
    for (let kill = 1; kill <= params.kills; kill++) {
      await counter.reached(Math.floor((kill * params.executions * STEPS) / (params.kills + 1)));
      if (counter.running() > 0) killsInEffect++;
      recovery.push(await killAndWait(platform, params.victim));
    }
    return {
      ...(await compare(client, counter, ids)),
      kills: params.kills,
      killsInEffect,
      slowestRecoveryMs: Math.round(Math.max(...recovery)),
    };
  } finally {
    await platform.remove();
    await counter.close();
  }
}

/** Five calls in a row; the output holds the token of each. */
function workflow(): string {
  const tasks = Array.from({ length: STEPS }, (_, at) => {
    const step = `"\${ $workflow.input.run + \\"/${at}\\" }"`;
    return `  - step${at}:
      call: http
      with: { method: post, endpoint: "\${ $workflow.input.address }", body: { step: ${step} } }
      export: { as: "\${ $context + {step${at}: .token} }" }`;
  });
  return `document: { dsl: "1.0.3", namespace: faults, name: steps, version: "1.0.0" }
do:
  - begin: { set: "\${ {} }", export: { as: "\${ {} }" } }
${tasks.join("\n")}
output: { as: "\${ $context }" }
`;
}

/** Starts all executions at once; the same key is sent until the server has acknowledged it. */
function startExecutions(client: StigmerClient, address: string, count: number): Promise<readonly string[]> {
  return Promise.all(
    Array.from({ length: count }, async (_, at) => {
      const { execution } = await (await client.executions()).start({
        target: { kind: "Workflow", name: "steps" },
        input: fromJson(ValueSchema, { address, run: `run-${at}` }),
        idempotencyKey: `start-${at}`,
      });
      return execution?.id ?? "";
    }),
  );
}

async function killAndWait(platform: TestHome, victim: Victim): Promise<number> {
  const startedAt = performance.now();
  const pid = victim === "supervisor" ? supervisorPid(platform) : platform.pidOf(victim);
  process.kill(pid, "SIGKILL");
  if (victim === "supervisor") await mustSucceed(platform, ["up", "--port", "0"]);
  for (const until = Date.now() + 30_000; Date.now() < until; ) {
    const { status } = await platform.run(["status"]);
    if (status === 0 && (victim === "supervisor" || platform.pidOf(victim) !== pid))
      return performance.now() - startedAt;
    await delay(10);
  }
  throw new Error(`The platform did not recover within 30 s after the kill of ${victim}`);
}

function supervisorPid(platform: TestHome): number {
  const state: unknown = JSON.parse(readFileSync(join(platform.home, "run/state.json"), "utf8"));
  return Number(memberAt(state, ["supervisor", "pid"]));
}

async function compare(client: StigmerClient, counter: TouchCounter, ids: readonly string[]) {
  const outputs = await Promise.all(ids.map((id) => outputOf(client, id)));
  const completed = outputs.filter((output) => output !== undefined);
  const recorded = new Map<string, string>();
  for (const [at, output] of outputs.entries()) {
    for (let step = 0; output !== undefined && step < STEPS; step++) {
      recorded.set(`run-${at}/${step}`, String(memberAt(output, [`step${step}`])));
    }
  }
  const touched = Map.groupBy(counter.touches, ({ step }) => step);
  const steps = [...touched.entries()];
  return {
    completed: completed.length,
    lost: ids.length - completed.length,
    repeatedRecorded: steps.filter(([step, all]) => recorded.has(step) && all.at(-1)?.token !== recorded.get(step))
      .length,
    repeatedUnrecorded: steps.filter(([, all]) => all.length > 1).length,
    keysChanged: steps.filter(([, all]) => new Set(all.map(({ key }) => key)).size > 1).length,
  };
}

/** The output of an execution that completed within a minute; undefined for every other end. */
async function outputOf(client: StigmerClient, id: string): Promise<unknown> {
  const executions = await client.executions();
  for await (const { update } of executions.watch({ id }, { timeoutMs: 60_000 })) {
    if (update.case === "snapshot" && update.value.phase === Phase.COMPLETED) {
      return update.value.output === undefined ? null : toJson(ValueSchema, update.value.output);
    }
  }
  return undefined;
}

async function mustSucceed(platform: TestHome, args: readonly string[]): Promise<string> {
  const { status, stdout, stderr } = await platform.run(args);
  if (status !== 0) throw new Error(`stigmer ${args.join(" ")} ended with ${status}\n${stdout}${stderr}`);
  return stdout;
}
