import { measureLatency, measureThroughput, median } from "./measure.ts";
import { type OurSystem, type StepKind, startOurs } from "./ours.ts";
import { installPeers } from "./peers.ts";
import { ms, type Row } from "./report.ts";
import { type RestateSystem, startRestate } from "./restate.ts";
import { startStepStub } from "./step-stub.ts";

const ROUNDS = 3;

/** Durable steps beside Restate, in turn, both with fsync before the acknowledgement. */
export async function benchSteps(): Promise<readonly Row[]> {
  installPeers();
  const stub = await startStepStub();
  const ours = await startOurs(stub.address);
  const restate = await startRestate(stub.address);
  try {
    const rows: Row[] = [];
    for (const kind of ["http", "recorded"] as const) {
      for (const steps of [1, 10]) rows.push(await compareLatency({ ours, restate, kind, steps }));
      rows.push(await compareThroughput({ ours, restate, kind, steps: 10 }));
    }
    return rows;
  } finally {
    await ours.stop();
    await restate.stop();
    stub.close();
  }
}

interface Comparison {
  readonly ours: OurSystem;
  readonly restate: RestateSystem;
  readonly kind: StepKind;
  readonly steps: number;
}

const KIND_WORDS = {
  http: "a POST to a local service",
  recorded: "an emitted event, which does not wait for the disk between steps",
} as const;

async function compareLatency({ ours, restate, kind, steps }: Comparison): Promise<Row> {
  const mine: number[] = [];
  const theirs: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const params = { warm: round === 0 ? 150 : 10, count: 100 };
    mine.push((await measureLatency(ours.submit(kind, steps), params)).p50);
    theirs.push((await measureLatency(restate.submit(kind, steps), params)).p50);
  }
  const ratio = median(mine) / median(theirs);
  return {
    what: `${steps} durable step${steps === 1 ? "" : "s"} (${KIND_WORDS[kind]}), submit to result, p50`,
    ours: ms(median(mine)),
    peer: `Restate ${ms(median(theirs))}`,
    ratio,
    target: "≤ 0.6 × Restate",
    holds: ratio <= 0.6,
  };
}

async function compareThroughput({ ours, restate, kind, steps }: Comparison): Promise<Row> {
  const mine: number[] = [];
  const theirs: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const params = { inFlight: 50, count: 400 };
    mine.push(steps * (await measureThroughput(ours.submit(kind, steps), params)));
    theirs.push(steps * (await measureThroughput(restate.submit(kind, steps), params)));
  }
  const ratio = median(mine) / median(theirs);
  return {
    what: `steps a second (${KIND_WORDS[kind]}), ten-step runs, 50 in flight`,
    ours: median(mine).toFixed(0),
    peer: `Restate ${median(theirs).toFixed(0)}`,
    ratio,
    target: "≥ 2.5 × Restate",
    holds: ratio >= 2.5,
  };
}
