import type { CommandCall, GroupOutcome, GroupWriter, MemoryDatabase } from "@stigmer/server";
import type { SeededChance } from "./random.ts";
import type { Timeline } from "./timeline.ts";

/** What a disk needs. */
export interface SimDiskParams {
  readonly database: MemoryDatabase;
  readonly timeline: Timeline;
  readonly chance: SeededChance;
  /** Sees each group that reached the disk. */
  readonly onCommitted: (calls: readonly CommandCall[], outcome: GroupOutcome) => void;
}

const FULL: GroupOutcome = { committed: false, failure: { reason: "DISK_FULL", message: "no space is left" } };

/** A disk with a latency; when the server dies, the group under way is lost or kept, and nobody hears of it. */
export class SimDisk {
  readonly #params: SimDiskParams;
  /** Extra milliseconds of every commit. */
  slowMs = 0;
  /** The next group fails: nothing of it is kept. */
  isFull = false;

  constructor(params: SimDiskParams) {
    this.#params = params;
  }

  /** The writer of one life of the server; `crash` ends it. */
  writer(): GroupWriter & { crash(): void } {
    let underWay: readonly CommandCall[] | undefined;
    let isAlive = true;
    const { timeline, chance } = this.#params;
    return {
      commit: (calls, done) => {
        underWay = calls;
        timeline.after(0.1 + chance.next() * 3 + this.slowMs, () => {
          if (!isAlive) return;
          underWay = undefined;
          const outcome = this.isFull ? FULL : this.#commit(calls);
          timeline.after(0.1, () => {
            if (isAlive) done(outcome);
          });
        });
      },
      close: () => Promise.resolve(),
      crash: () => {
        isAlive = false;
        if (underWay && chance.happens(0.5)) this.#commit(underWay);
      },
    };
  }

  #commit(calls: readonly CommandCall[]): GroupOutcome {
    const outcome = this.#params.database.commit(calls);
    this.#params.onCommitted(calls, outcome);
    return outcome;
  }
}
