import { mkdtempSync, rmSync } from "node:fs";
import { Agent } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { Submit } from "./measure.ts";
import { PEERS, postJson } from "./peers.ts";
import { endProcess, freePort, startProcess } from "./processes.ts";

/** Restate with its defaults and the same step program. */
export interface RestateSystem {
  readonly pids: readonly number[];
  submit(kind: "http" | "recorded", steps: number): Submit;
  stop(): Promise<void>;
}

/** Starts Restate's server and the service, and registers it. `wrapper` slows both, such as strace. */
export async function startRestate(address: string, wrapper: readonly string[] = []): Promise<RestateSystem> {
  const folder = mkdtempSync(join(tmpdir(), "restate-"));
  const [ingress, admin, node, service] = await Promise.all([freePort(), freePort(), freePort(), freePort()]);
  const binary = join(PEERS, "node_modules/@restatedev/restate-server-linux-x64/bin/restate-server");
  const [file = "", ...args] = [...wrapper, binary, "--node-name", "n1"];
  const server = startProcess(file, args, {
    ...process.env,
    RESTATE_INGRESS__BIND_PORT: String(ingress),
    RESTATE_ADMIN__BIND_PORT: String(admin),
    RESTATE_BIND_PORT: String(node),
    RESTATE_BASE_DIR: folder,
    RESTATE_LISTEN_MODE: "tcp",
    DO_NOT_TRACK: "1",
    RUST_LOG: "error",
  });
  const program = startProcess(process.execPath, [join(PEERS, "restate-service.mjs"), String(service)], process.env);
  await new Promise<void>((resolve) => program.stdout?.once("data", () => resolve()));
  await waitUntilOk(`http://127.0.0.1:${admin}/health`);
  await waitUntilOk(`http://127.0.0.1:${ingress}/restate/health`);
  const answer = await fetch(`http://127.0.0.1:${admin}/deployments`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ uri: `http://127.0.0.1:${service}` }),
  });
  if (!answer.ok) throw new Error(`Cannot register the service: ${answer.status} ${await answer.text()}`);
  const agent = new Agent({ keepAlive: true });
  return {
    pids: [server.pid ?? 0, program.pid ?? 0],
    submit: (kind, steps) => {
      const body = JSON.stringify({ steps, ...(kind === "http" ? { address } : {}) });
      return () => postJson(agent, `http://127.0.0.1:${ingress}/steps/run`, body);
    },
    async stop() {
      agent.destroy();
      await Promise.all([endProcess(program), endProcess(server)]);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function waitUntilOk(url: string): Promise<void> {
  for (const until = Date.now() + 30_000; Date.now() < until; ) {
    if (
      await fetch(url).then(
        (answer) => answer.ok,
        () => false,
      )
    )
      return;
    await delay(10);
  }
  throw new Error(`${url} did not answer within 30 s`);
}
