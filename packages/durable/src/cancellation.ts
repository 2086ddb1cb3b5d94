import type { Clock } from "./activation-port.ts";

/** How long running effects get to end when the execution is cancelled. */
export const CANCEL_GRACE_MS = 5000;

/** The cancel of a whole execution: it waits for running effects within a grace, and for children. */
export class Cancellation {
  #isGraceOver = false;
  readonly #disarm: () => void;

  /** @param onGraceOver runs when effects have had their time */
  constructor(clock: Clock, onGraceOver: () => void) {
    this.#disarm = clock.setTimer(clock.now() + CANCEL_GRACE_MS, () => {
      this.#isGraceOver = true;
      onGraceOver();
    });
  }

  /** Whether nothing is left to wait for. */
  isComplete(running: { readonly effects: number; readonly children: number }): boolean {
    return (running.effects === 0 || this.#isGraceOver) && running.children === 0;
  }

  close(): void {
    this.#disarm();
  }
}
