import { mkdirSync, writeFileSync } from "node:fs";
import { cpus, release } from "node:os";
import { join } from "node:path";
import { ROOT } from "../e2e/platform-fixture.ts";
import { benchCpu } from "./bench-cpu.ts";
import { benchCrash } from "./bench-crash.ts";
import { benchIdle } from "./bench-idle.ts";
import { benchPeers } from "./bench-peers.ts";
import { benchSizes } from "./bench-sizes.ts";
import { benchSlowDisk } from "./bench-slow-disk.ts";
import { benchStartup } from "./bench-startup.ts";
import { benchSteps } from "./bench-steps.ts";
import { benchWaiting } from "./bench-waiting.ts";
import { type Row, renderRows } from "./report.ts";

/** The sections of the table, by the word that chooses one: `make bench ONLY=steps`. */
const SECTIONS: Readonly<Record<string, () => Promise<readonly Row[]>>> = {
  startup: benchStartup,
  sizes: benchSizes,
  idle: benchIdle,
  steps: benchSteps,
  "slow-disk": benchSlowDisk,
  peers: benchPeers,
  crash: benchCrash,
  waiting: benchWaiting,
  cpu: benchCpu,
};

const chosen = process.argv.slice(2);
const rows: Row[] = [];
for (const [name, measure] of Object.entries(SECTIONS)) {
  if (chosen.length > 0 && !chosen.includes(name)) continue;
  console.error(`measuring ${name} ...`);
  rows.push(...(await measure()));
}
const machine = `${cpus().length} cores (${cpus()[0]?.model}), Linux ${release()}, Node ${process.version}`;
const text = `Measured ${new Date().toISOString().slice(0, 10)} on ${machine}.\n\n${renderRows(rows)}\n`;
console.log(text);
mkdirSync(join(ROOT, ".cache/bench"), { recursive: true });
writeFileSync(join(ROOT, ".cache/bench/results.md"), text);
