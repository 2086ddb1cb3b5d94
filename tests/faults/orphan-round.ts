import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { Phase } from "@stigmer/api";
import { createClient, type StigmerClient } from "@stigmer/sdk";
import { memberAt, ROOT, startTestPlatform, type TestHome } from "../e2e/platform-fixture.ts";
import { isRunning, listProcesses } from "../e2e/process-table.ts";

/** Whom a round kills. */
export const ORPHAN_VICTIMS = ["server", "workflow-runner", "agent-runner", "supervisor"] as const;
export type OrphanVictim = (typeof ORPHAN_VICTIMS)[number];

/** What a round showed. */
export interface OrphanRoundResult {
  readonly completed: number;
  readonly lost: number;
  /** Processes of shells and tools that ran when the victim died. */
  readonly running: number;
  /** Those of them that lived on 5 s later although nobody waited for them any more. */
  readonly orphans: readonly string[];
  /** True when `status` said that something was wrong while it was. */
  readonly saidSo: boolean;
}

const EXECUTIONS = 12;
/** No process may outlive its runner by more. */
const ORPHAN_MS = 5_000;

/** Kills one process while shells and tools run, and looks at what stays behind. */
export async function runOrphanRound(victim: OrphanVictim): Promise<OrphanRoundResult> {
  const platform = await startTestPlatform();
  try {
    const file = join(platform.home, "resources.yaml");
    writeFileSync(file, resources());
    await platform.text(["apply", "-f", file]);
    const client = createClient({ socketPath: join(platform.home, "run/stigmer.sock") });
    const ids = await startAll(client);
    const before = await untilBusy(platform);
    const saidSo = await kill(platform, victim);
    const killedAt = performance.now();
    if (victim === "supervisor") await untilGone(platform, before, killedAt);
    if (victim === "supervisor") await platform.text(["up", "--port", "0"]);
    const orphans = await leftBehind(victim, before, killedAt);
    const ends = await Promise.all(ids.map((id) => hasCompleted(client, id)));
    client.close();
    const completed = ends.filter(Boolean).length;
    return { completed, lost: ids.length - completed, running: before.length, orphans, saidSo };
  } finally {
    await platform.remove();
  }
}

function resources(): string {
  const server = JSON.stringify(join(ROOT, "tests/faults/slow-tool-server.mjs"));
  const node = JSON.stringify(process.execPath);
  return `document: { dsl: "1.0.3", namespace: faults, name: shells, version: "1.0.0" }
do:
  - first:
      run: { shell: { command: "sleep 2 & sleep 2; wait" } }
      metadata: { stigmer: { onCrash: repeat } }
  - second:
      run: { shell: { command: "echo done" } }
---
apiVersion: stigmer.ai/v1
kind: McpServer
metadata: { namespace: faults, name: slow }
spec: { transport: stdio, command: ${node}, args: [${server}] }
---
apiVersion: stigmer.ai/v1
kind: Agent
metadata: { namespace: faults, name: looker }
spec:
  instructions: Look twice.
  model:
    provider: scripted
    turns:
      - toolCalls: [{ name: slow__look, arguments: {} }]
      - toolCalls: [{ name: slow__look, arguments: {} }]
      - text: seen twice
    loop: true
  mcpServers: [slow]
`;
}

async function startAll(client: StigmerClient): Promise<readonly string[]> {
  const executions = await client.executions();
  const starts = Array.from({ length: EXECUTIONS }, (_, at) =>
    executions.start({
      target: at % 3 === 0 ? { kind: "Agent", name: "looker" } : { kind: "Workflow", name: "shells" },
      ...(at % 3 === 0 ? { message: "look" } : {}),
      idempotencyKey: `start-${at}`,
    }),
  );
  return (await Promise.all(starts)).map(({ execution }) => execution?.id ?? "");
}

interface Helper {
  readonly pid: number;
  readonly command: string;
}

/** The processes of shells and tools once at least one of each runs. */
async function untilBusy(platform: TestHome): Promise<readonly Helper[]> {
  for (const until = Date.now() + 30_000; Date.now() < until; await delay(20)) {
    const helpers = listProcesses(join(platform.home, "data"));
    const has = (word: string) => helpers.some(({ command }) => command.includes(word));
    if (has("sleep 2") && has("slow-tool-server") && has("sleep 1")) return helpers;
  }
  throw new Error("No shells and tools ran within 30 s");
}

async function kill(platform: TestHome, victim: OrphanVictim): Promise<boolean> {
  const state: unknown = JSON.parse(readFileSync(join(platform.home, "run/state.json"), "utf8"));
  const supervisor = Number(memberAt(state, ["supervisor", "pid"]));
  if (victim === "supervisor") {
    process.kill(supervisor, "SIGKILL");
    return (await platform.run(["status"])).status === 3;
  }
  const pid = platform.pidOf(victim);
  process.kill(supervisor, "SIGSTOP"); // so that the question comes before the repair
  process.kill(pid, "SIGKILL");
  const { status, stdout } = await platform.run(["status"]);
  process.kill(supervisor, "SIGCONT");
  return status === 1 && new RegExp(`^${victim} .*its process is gone`, "m").test(stdout);
}

/** The processes of the victim's effects that are still there; those of others go on by right. */
async function leftBehind(
  victim: OrphanVictim,
  before: readonly Helper[],
  killedAt: number,
): Promise<readonly string[]> {
  const isDoomed = ({ command }: Helper) => {
    const isTool = command.includes("slow-tool-server") || command.includes("sleep 1");
    return (
      victim === "supervisor" || (victim === "workflow-runner" && !isTool) || (victim === "agent-runner" && isTool)
    );
  };
  const doomed = before.filter(isDoomed);
  while (performance.now() - killedAt < ORPHAN_MS && doomed.some(({ pid }) => isRunning(pid))) await delay(20);
  return doomed.filter(({ pid }) => isRunning(pid)).map(({ pid, command }) => `${pid} ${command}`);
}

async function untilGone(platform: TestHome, before: readonly Helper[], killedAt: number): Promise<void> {
  while (performance.now() - killedAt < ORPHAN_MS && before.some(({ pid }) => isRunning(pid))) await delay(20);
  const left = listProcesses(platform.home).filter(({ command }) => !command.includes("vitest"));
  if (left.length > 0) throw new Error(`Left after 5 s: ${left.map(({ command }) => command).join(", ")}`);
}

async function hasCompleted(client: StigmerClient, id: string): Promise<boolean> {
  const executions = await client.executions();
  for (const until = Date.now() + 60_000; Date.now() < until; await delay(100)) {
    const phase = await executions.getExecution({ id }).then(
      ({ execution }) => execution?.phase,
      () => undefined, // the server is not back yet
    );
    if (phase === Phase.COMPLETED) return true;
    if (phase === Phase.FAULTED || phase === Phase.CANCELLED || phase === Phase.SUSPENDED) return false;
  }
  return false;
}
