import type { SeededChance } from "./random.ts";

interface Moment {
  readonly at: number;
  readonly order: number;
  act: (() => void) | undefined;
}

/** How many promise jobs run between two moments: more than any chain of a program needs to come to rest. */
const SETTLE_JOBS = 24;

/** Virtual time: moments happen in order, those of one instant in an order of chance. */
export class Timeline {
  readonly #chance: SeededChance;
  readonly #heap: Moment[] = [];
  #now = 0;

  constructor(chance: SeededChance) {
    this.#chance = chance;
  }

  /** Milliseconds since the world began. */
  get now(): number {
    return this.#now;
  }

  /** Runs `act` after `delayMs`; the returned function calls it off. */
  after(delayMs: number, act: () => void): () => void {
    const moment: Moment = { at: this.#now + Math.max(0, delayMs), order: this.#chance.next(), act };
    this.#push(moment);
    return () => {
      moment.act = undefined;
    };
  }

  /** Lets moments happen until `until` says so, time reaches `limitMs`, or nothing is left. */
  async run(until: () => boolean, limitMs: number): Promise<"done" | "late" | "still"> {
    for (;;) {
      for (let i = 0; i < SETTLE_JOBS; i++) await null;
      if (until()) return "done";
      const next = this.#pop();
      if (!next) return "still";
      if (next.at > limitMs) return "late";
      this.#now = next.at;
      next.act?.();
    }
  }

  #push(moment: Moment): void {
    const heap = this.#heap;
    let at = heap.push(moment) - 1;
    while (at > 0) {
      const up = (at - 1) >> 1;
      const parent = heap[up];
      if (!parent || !isBefore(moment, parent)) break;
      heap[at] = parent;
      at = up;
    }
    heap[at] = moment;
  }

  #pop(): Moment | undefined {
    const heap = this.#heap;
    const top = heap[0];
    const last = heap.pop();
    if (!top || !last || heap.length === 0) return top;
    let at = 0;
    for (;;) {
      let down = at * 2 + 1;
      let child = heap[down];
      if (!child) break;
      const right = heap[down + 1];
      if (right && isBefore(right, child)) {
        child = right;
        down++;
      }
      if (!isBefore(child, last)) break;
      heap[at] = child;
      at = down;
    }
    heap[at] = last;
    return top;
  }
}

function isBefore(a: Moment, b: Moment): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}
