import { mkdtempSync, rmSync } from "node:fs";
import { Agent } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { measureLatency, median, type Submit } from "./measure.ts";
import { type OurSystem, startOurs } from "./ours.ts";
import { installPeers, PEERS, postJson } from "./peers.ts";
import { startPostgres } from "./postgres.ts";
import { endProcess, startProcess } from "./processes.ts";
import { ms, type Row } from "./report.ts";
import { startStepStub } from "./step-stub.ts";

const ROUNDS = 3;
const STEPS = 10;
/** Compilers need so many runs before figures mean anything. */
const WARM = 150;
const WHAT = `${STEPS} durable steps (a POST to a local service), submit to result, p50`;

/** Ten steps beside libraries that keep their state in a database of the user. */
export async function benchPeers(): Promise<readonly Row[]> {
  installPeers();
  const stub = await startStepStub();
  const ours = await startOurs(stub.address);
  try {
    return [await besideDbos(ours, stub.address), await besideOpenWorkflow(ours, stub.address)];
  } finally {
    await ours.stop();
    stub.close();
  }
}

async function besideDbos(ours: OurSystem, address: string): Promise<Row> {
  const target = "≤ 0.25 × DBOS on PostgreSQL";
  const postgres = await startPostgres();
  if (postgres === undefined) return { what: WHAT, ours: "skipped: no PostgreSQL of Debian", target, holds: true };
  try {
    const row = await beside(ours, { name: "DBOS", program: "dbos-service.mjs", argument: postgres.url, address });
    return { ...row, target, holds: (row.ratio ?? 1) <= 0.25 };
  } finally {
    await postgres.stop();
  }
}

async function besideOpenWorkflow(ours: OurSystem, address: string): Promise<Row> {
  const folder = mkdtempSync(join(tmpdir(), "openworkflow-"));
  try {
    const argument = join(folder, "steps.db");
    return await beside(ours, { name: "OpenWorkflow", program: "openworkflow-service.mjs", argument, address });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Peer {
  readonly name: string;
  readonly program: string;
  readonly argument: string;
  readonly address: string;
}

async function beside(ours: OurSystem, { name, program, argument, address }: Peer): Promise<Row> {
  const child = startProcess(process.execPath, [join(PEERS, program), argument], process.env);
  const agent = new Agent({ keepAlive: true });
  try {
    if (child.stdout === null) throw new Error(`Cannot read what ${name} says`);
    const { port }: { port: number } = await new Promise((resolve) => {
      createInterface({ input: child.stdout ?? process.stdin }).once("line", (line) => resolve(JSON.parse(line)));
    });
    const body = JSON.stringify({ steps: STEPS, address });
    const submit: Submit = () => postJson(agent, `http://127.0.0.1:${port}/`, body);
    const mine: number[] = [];
    const theirs: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      const warm = round === 0 ? WARM : 3;
      mine.push((await measureLatency(ours.submit("http", STEPS), { warm, count: 30 })).p50);
      theirs.push((await measureLatency(submit, { warm: Math.min(warm, 30), count: 30 })).p50);
    }
    const ratio = median(mine) / median(theirs);
    return {
      what: WHAT,
      ours: ms(median(mine)),
      peer: `${name} ${ms(median(theirs))}`,
      ratio,
      target: "none",
      holds: true,
    };
  } finally {
    agent.destroy();
    await endProcess(child);
  }
}
