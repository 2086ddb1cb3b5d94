import type { CancelSignal, Clock } from "./activation-port.ts";

interface Waiting {
  readonly atMs: number;
  readonly order: number;
  readonly fire: () => void;
}

/** Time that stands still while something runs and then jumps to the next timer. */
export class VirtualClock implements Clock {
  readonly #timers = new Set<Waiting>();
  readonly #outside = new Set<Waiting>();
  readonly #mode: "auto" | "manual";
  #nowMs: number;
  #order = 0;

  /**
   * @param options.startMs epoch ms, default 2026-01-01T00:00:00Z
   * @param options.mode `manual`: time moves only by `advanceTo`; default `auto`: the memory host moves it
   */
  constructor(options: { readonly startMs?: number; readonly mode?: "auto" | "manual" } = {}) {
    this.#nowMs = options.startMs ?? 1_767_225_600_000;
    this.#mode = options.mode ?? "auto";
  }

  now(): number {
    return this.#nowMs;
  }

  /** A timer of an effect or a test: an effect that waits for it does not hold the time back. */
  setTimer(atMs: number, fire: () => void): () => void {
    const waiting = this.#add(atMs, fire);
    this.#outside.add(waiting);
    return () => this.#remove(waiting);
  }

  /** A timer of the host itself. */
  setHostTimer(atMs: number, fire: () => void): () => void {
    const waiting = this.#add(atMs, fire);
    return () => this.#remove(waiting);
  }

  /** Resolves after `durationMs` of this clock; rejects when `signal` is aborted. */
  sleep(durationMs: number, signal?: CancelSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const disarm = this.setTimer(this.#nowMs + durationMs, () => {
        forget?.();
        resolve();
      });
      const forget = signal?.onAbort(() => {
        disarm();
        reject(new Error("aborted"));
      });
    });
  }

  /** How many timers of effects and tests are open. */
  get outsideCount(): number {
    return this.#outside.size;
  }

  /** Jumps to the earliest timer and fires it; false if there is none or time moves only by hand. */
  jump(): boolean {
    return this.#mode === "auto" && this.#fireNext(Number.POSITIVE_INFINITY);
  }

  /** Moves time to `atMs` and fires what is due until then, in order. */
  advanceTo(atMs: number): void {
    while (this.#fireNext(atMs));
    this.#nowMs = Math.max(this.#nowMs, atMs);
  }

  #fireNext(untilMs: number): boolean {
    let next: Waiting | undefined;
    for (const timer of this.#timers) if (next === undefined || isBefore(timer, next)) next = timer;
    if (next === undefined || next.atMs > untilMs) return false;
    this.#remove(next);
    this.#nowMs = Math.max(this.#nowMs, next.atMs);
    next.fire();
    return true;
  }

  #add(atMs: number, fire: () => void): Waiting {
    const waiting = { atMs, order: this.#order++, fire };
    this.#timers.add(waiting);
    return waiting;
  }

  #remove(waiting: Waiting): void {
    this.#timers.delete(waiting);
    this.#outside.delete(waiting);
  }
}

function isBefore(a: Waiting, b: Waiting): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);
}
