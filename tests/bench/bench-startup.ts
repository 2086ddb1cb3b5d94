import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { builtExecutable } from "../e2e/executable-fixture.ts";
import { createTestHome, type TestHome } from "../e2e/platform-fixture.ts";
import { median } from "./measure.ts";
import { timeCommand } from "./processes.ts";
import { ms, type Row } from "./report.ts";

const VERSION_RUNS = 40;
const HOMES = 5;
const COMMANDS = 20;

const HELLO = `document: { dsl: "1.0.3", namespace: bench, name: hello, version: "1.0.0" }
do: [{ greet: { set: { said: hello } } }]
`;

/** How long people wait: the first run, later starts, single commands. Each figure is a median. */
export async function benchStartup(): Promise<readonly Row[]> {
  const version = compareVersion();
  const firstRuns: number[] = [];
  const extractions: number[] = [];
  const laterStarts: number[] = [];
  let commands: readonly number[] = [];
  for (let round = 0; round < HOMES; round++) {
    extractions.push(await timeExtraction());
    const platform = createTestHome();
    try {
      firstRuns.push(await timeFirstRun(platform));
      if (round === 0) commands = await repeat(COMMANDS, () => timed(platform, ["list", "workflows"]));
      await platform.run(["down"]);
      laterStarts.push(await timed(platform, ["up", "--port", "0"]));
    } finally {
      await platform.remove();
    }
  }
  return [
    version,
    atMost("first run on an empty home, to a finished workflow", median(firstRuns), 1_500),
    atMost("of it unpacking", median(extractions), 500),
    atMost("later `stigmer up`, to ready", median(laterStarts), 800),
    atMost("a command against the running server (`list workflows`)", median(commands), 60),
  ];
}

function atMost(what: string, measuredMs: number, limitMs: number): Row {
  return { what, ours: ms(measuredMs), target: `≤ ${ms(limitMs)}`, holds: measuredMs <= limitMs };
}

/** In turns, so that both see the same machine. */
function compareVersion(): Row {
  const ours: number[] = [];
  const bare: number[] = [];
  for (let run = 0; run < VERSION_RUNS; run++) {
    ours.push(timeCommand(builtExecutable(), ["--version"]) ?? Number.NaN);
    bare.push(timeCommand(process.execPath, ["-e", "0"]) ?? Number.NaN);
  }
  const excessMs = median(ours) - median(bare);
  return {
    what: "`stigmer --version`",
    ours: ms(median(ours)),
    peer: `node -e 0: ${ms(median(bare))}`,
    ratio: median(ours) / median(bare),
    target: "≤ node -e 0 + 2 ms",
    holds: excessMs <= 2,
  };
}

async function timeFirstRun(platform: TestHome): Promise<number> {
  const file = join(platform.home, "hello.yaml");
  writeFileSync(file, HELLO);
  return (await timed(platform, ["up", "--port", "0"])) + (await timed(platform, ["run", "-f", file]));
}

/** The first command of a home unpacks, the second does not. */
async function timeExtraction(): Promise<number> {
  const home = createTestHome();
  try {
    const first = await timed(home, ["paths"]);
    return first - (await timed(home, ["paths"]));
  } finally {
    await home.remove();
  }
}

async function timed(home: TestHome, args: readonly string[]): Promise<number> {
  const startedAt = performance.now();
  const { status, stdout, stderr } = await home.run(args);
  if (status !== 0) throw new Error(`stigmer ${args.join(" ")} ended with ${status}\n${stdout}${stderr}`);
  return performance.now() - startedAt;
}

async function repeat(times: number, measure: () => Promise<number>): Promise<readonly number[]> {
  const all: number[] = [];
  for (let n = 0; n < times; n++) all.push(await measure());
  return all;
}
