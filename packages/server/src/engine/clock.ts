/** Time and timers as the engine sees them; the simulation brings its own. */
export interface Clock {
  /** Wall clock, epoch ms. May jump. */
  now(): number;
  /** Runs `fire` once after at least `delayMs`; the returned function disarms it. */
  after(delayMs: number, fire: () => void): () => void;
}

/** The machine's clock. Its timers keep no process alive. */
export const systemClock: Clock = {
  now: () => Date.now(),
  after: (delayMs, fire) => {
    const timer = setTimeout(fire, delayMs);
    timer.unref();
    return () => clearTimeout(timer);
  },
};
