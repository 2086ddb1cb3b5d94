import type { Clock } from "./clock.ts";

/** A clock that moves when a test says so. */
export class ManualClock implements Clock {
  #now = 1_000_000;
  #timers: { readonly atMs: number; readonly fire: () => void }[] = [];

  now(): number {
    return this.#now;
  }

  after(delayMs: number, fire: () => void): () => void {
    const timer = { atMs: this.#now + delayMs, fire };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((one) => one !== timer);
    };
  }

  /** Moves on, fires what is due on the way in order, and lets pending work come to rest. */
  async advance(ms: number): Promise<void> {
    const until = this.#now + ms;
    for (;;) {
      const next = this.#timers.filter((one) => one.atMs <= until).sort((a, b) => a.atMs - b.atMs)[0];
      if (!next) break;
      this.#timers = this.#timers.filter((one) => one !== next);
      this.#now = Math.max(this.#now, next.atMs);
      next.fire();
      await settle();
    }
    this.#now = until;
    await settle();
  }

  /** The wall clock jumps; timers of the process do not notice. */
  jump(ms: number): void {
    this.#now += ms;
    this.#timers = this.#timers.map((one) => ({ ...one, atMs: one.atMs + ms }));
  }
}

/** Lets groups commit and their answers arrive. */
export async function settle(): Promise<void> {
  for (let i = 0; i < 6; i++) await new Promise((resolve) => setImmediate(resolve));
}
