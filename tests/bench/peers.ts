import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readFileSync } from "node:fs";
import { type Agent, request } from "node:http";
import { join } from "node:path";
import { ROOT } from "../e2e/platform-fixture.ts";

/** Where the peers are installed and run. */
export const PEERS = join(ROOT, ".cache/bench/peers");

/** Installs the peers in a folder of their own; pins are in `peers/package.json`. */
export function installPeers(): void {
  mkdirSync(PEERS, { recursive: true });
  cpSync(join(ROOT, "tests/bench/peers"), PEERS, { recursive: true });
  const { dependencies }: { dependencies: object } = JSON.parse(readFileSync(join(PEERS, "package.json"), "utf8"));
  if (Object.keys(dependencies).every((name) => existsSync(join(PEERS, "node_modules", name)))) return;
  const { status, stderr } = spawnSync("npm", ["install", "--no-audit", "--no-fund"], { cwd: PEERS, encoding: "utf8" });
  if (status !== 0) throw new Error(`Cannot install the peers: ${stderr}`);
}

/** One call over a kept connection. */
export function postJson(agent: Agent, url: string, body: string): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const call = request(url, { method: "POST", agent, headers: { "content-type": "application/json" } }, (answer) => {
      let text = "";
      answer.setEncoding("utf8");
      answer.on("data", (chunk) => {
        text += chunk;
      });
      answer.on("end", () => (answer.statusCode === 200 ? resolve(JSON.parse(text)) : reject(new Error(text))));
    });
    call.on("error", reject);
    call.end(body);
  });
}
