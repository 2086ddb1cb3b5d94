import { measureLatency, median } from "./measure.ts";
import { startOurs } from "./ours.ts";
import { installPeers } from "./peers.ts";
import { ms, type Row } from "./report.ts";
import { startRestate } from "./restate.ts";
import { canSlowDisk, createSlowServer, SLOW_DISK, SLOWER_MS } from "./slow-disk.ts";
import { startStepStub } from "./step-stub.ts";

const ROUNDS = 3;
const STEPS = 10;
const LIMIT = 0.9;

/** Ten steps where a disk is slow: every fsync takes longer on both sides alike, by strace. */
export async function benchSlowDisk(): Promise<readonly Row[]> {
  const what = `${STEPS} durable steps (a POST), every fsync ${SLOWER_MS} ms slower, p50`;
  const target = `≤ ${LIMIT} × Restate`;
  if (!canSlowDisk()) return [{ what, ours: "skipped: no strace that may trace", target, holds: true }];
  installPeers();
  const stub = await startStepStub();
  const server = createSlowServer();
  const ours = await startOurs(stub.address, { STIGMER_SERVER_BIN: server.file });
  const restate = await startRestate(stub.address, SLOW_DISK);
  try {
    const mine: number[] = [];
    const theirs: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      const params = { warm: round === 0 ? 50 : 5, count: 30 };
      mine.push((await measureLatency(ours.submit("http", STEPS), params)).p50);
      theirs.push((await measureLatency(restate.submit("http", STEPS), params)).p50);
    }
    const ratio = median(mine) / median(theirs);
    const peer = `Restate ${ms(median(theirs))}`;
    return [{ what, ours: ms(median(mine)), peer, ratio, target, holds: ratio <= LIMIT }];
  } finally {
    await ours.stop();
    await restate.stop();
    server.remove();
    stub.close();
  }
}
