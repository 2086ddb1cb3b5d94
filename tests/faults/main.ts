import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { ROOT } from "../e2e/platform-fixture.ts";
import { runKillRound, VICTIMS } from "./kill-round.ts";
import { ORPHAN_VICTIMS, runOrphanRound } from "./orphan-round.ts";
import { canCutPower, runPowerCuts } from "./power-cut.ts";

const HELP = `node tests/faults/main.ts [options]
  --kills N     kills per victim while executions run (20)
  --orphans N   rounds per victim with shells and tools (5)
  --cuts N      power cuts (20; needs root)
  --seeds N     seeds of the simulation (1000000)
  --fuzz N      filters of the jq fuzzer (100000)
  --only NAME   kills, orphans, cuts, simulation or fuzz; may be given several times
`;

interface Row {
  readonly test: string;
  readonly figures: string;
  readonly isOk: boolean;
}

const { values } = parseArgs({
  options: {
    kills: { type: "string", default: "20" },
    orphans: { type: "string", default: "5" },
    cuts: { type: "string", default: "20" },
    seeds: { type: "string", default: "1000000" },
    fuzz: { type: "string", default: "100000" },
    only: { type: "string", multiple: true },
    help: { type: "boolean", default: false },
  },
});

const PARTS: Readonly<Record<string, () => AsyncGenerator<Row>>> = {
  async *kills() {
    for (const victim of VICTIMS) yield* killRounds(victim, Number(values.kills));
  },
  async *orphans() {
    for (const victim of ORPHAN_VICTIMS) yield await orphanRounds(victim, Number(values.orphans));
  },
  async *cuts() {
    yield await powerCuts(Number(values.cuts));
  },
  async *simulation() {
    yield runVitest("simulation", "system", "tests/simulation", { SEEDS: values.seeds });
  },
  async *fuzz() {
    yield runVitest("jq fuzz", "unit", "packages/jq/src/jq-fuzz.test.ts", { STIGMER_JQ_FUZZ: values.fuzz });
  },
};

/** Two kills per platform: three deaths of a runner without progress suspend what it held, on purpose. */
const KILLS_PER_ROUND = 2;

async function* killRounds(victim: (typeof VICTIMS)[number], kills: number): AsyncGenerator<Row> {
  const total = { completed: 0, executions: 0, kills: 0, inEffect: 0, repeated: 0, keys: 0, again: 0, slowestMs: 0 };
  while (total.kills < kills) {
    const inRound = Math.min(KILLS_PER_ROUND, kills - total.kills);
    const round = await runKillRound({ victim, executions: 50, kills: inRound });
    total.executions += 50;
    total.completed += round.completed;
    total.kills += inRound;
    total.inEffect += round.killsInEffect;
    total.repeated += round.repeatedRecorded;
    total.keys += round.keysChanged;
    total.again += round.repeatedUnrecorded;
    total.slowestMs = Math.max(total.slowestMs, round.slowestRecoveryMs);
  }
  yield {
    test: `kill -9 of the ${victim}`,
    figures: `${total.kills} kills (${total.inEffect} in an effect), ${total.completed}/${total.executions} completed, ${total.repeated} recorded effects repeated, ${total.again} cut off and repeated, ${total.keys} keys changed, slowest recovery ${total.slowestMs} ms`,
    isOk:
      total.completed === total.executions &&
      total.repeated === 0 &&
      total.keys === 0 &&
      total.inEffect >= 0.6 * total.kills,
  };
}

async function orphanRounds(victim: (typeof ORPHAN_VICTIMS)[number], rounds: number): Promise<Row> {
  const total = { completed: 0, lost: 0, running: 0, orphans: 0, silent: 0 };
  for (let round = 0; round < rounds; round++) {
    const result = await runOrphanRound(victim);
    total.completed += result.completed;
    total.lost += result.lost;
    total.running += result.running;
    total.orphans += result.orphans.length;
    if (!result.saidSo) total.silent++;
  }
  return {
    test: `shells and tools, kill -9 of the ${victim}`,
    figures: `${rounds} rounds, ${total.completed} completed, ${total.lost} lost, ${total.running} processes ran, ${total.orphans} orphans after 5 s, status silent ${total.silent} times`,
    isOk: total.lost === 0 && total.orphans === 0 && total.silent === 0,
  };
}

async function powerCuts(cuts: number): Promise<Row> {
  if (!canCutPower()) return { test: "power cuts", figures: "skipped: mounting disk images needs root", isOk: true };
  const { acknowledged, lost, real } = await runPowerCuts({ cuts, betweenMs: 1_500 });
  const figures = `${cuts} cuts (${real} took unsynced bytes), ${acknowledged} acknowledged, ${lost} lost`;
  return { test: "power cuts", figures, isOk: lost === 0 && real > 0 };
}

function runVitest(test: string, project: string, path: string, env: Readonly<Record<string, string>>): Row {
  const startedAt = performance.now();
  const vitest = join(ROOT, "node_modules/vitest/vitest.mjs");
  const args = [vitest, "run", "--project", project, "--test-timeout", "7200000", path];
  const { status } = spawnSync(process.execPath, args, {
    cwd: ROOT,
    stdio: "inherit",
    env: { ...process.env, ...env },
  });
  const seconds = Math.round((performance.now() - startedAt) / 1_000);
  const wanted = Object.entries(env).map(([name, value]) => `${name}=${value}`);
  return { test, figures: `${wanted.join(" ")} in ${seconds} s`, isOk: status === 0 };
}

if (values.help) {
  process.stdout.write(HELP);
} else {
  const names = values.only ?? Object.keys(PARTS);
  const rows: Row[] = [];
  for (const name of names) {
    const part = PARTS[name];
    if (!part) throw new Error(`Cannot run "${name}": it is not one of ${Object.keys(PARTS).join(", ")}`);
    for await (const row of part()) {
      rows.push(row);
      console.log(`${row.isOk ? "ok    " : "FAILED"}  ${row.test}: ${row.figures}`);
    }
  }
  const width = Math.max(...rows.map(({ test }) => test.length));
  console.log(`\n${"TEST".padEnd(width)}  RESULT  FIGURES`);
  for (const { test, figures, isOk } of rows)
    console.log(`${test.padEnd(width)}  ${isOk ? "ok    " : "FAILED"}  ${figures}`);
  process.exitCode = rows.every(({ isOk }) => isOk) ? 0 : 1;
}
