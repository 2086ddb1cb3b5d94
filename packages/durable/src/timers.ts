import type { Core } from "./core.ts";
import { JOURNAL_VERSION } from "./entry.ts";

interface OpenTimer {
  readonly dueAtMs: number;
  readonly onFired: () => void;
  /** Its `fired` entry is in the queue to the program. */
  isFiring: boolean;
}

/** The open timers of one execution: one timer of the host for the earliest, fired late rather than never, in order. */
export class Timers {
  readonly #core: Core;
  readonly #open = new Map<string, OpenTimer>();
  readonly #seen = new Set<string>();
  #armed: { readonly dueAtMs: number; readonly disarm: () => void } | undefined;

  constructor(core: Core) {
    this.#core = core;
  }

  /** Opens a timer; `onFired` runs in the turn of its `fired` entry. Gives the function that closes it. */
  open(key: string, dueAtMs: number, onFired: () => void): () => void {
    const recorded = this.#core.recorded.claimTimer(key);
    this.#seen.add(key);
    const timer: OpenTimer = { dueAtMs: recorded?.dueAtMs ?? dueAtMs, onFired, isFiring: recorded?.fired ?? false };
    this.#open.set(key, timer);
    this.#core.whenLive(() => {
      if (this.#open.get(key) !== timer) return;
      if (recorded === undefined) this.#core.append("timer", key, JSON.stringify({ v: JOURNAL_VERSION, dueAtMs }));
      this.#armFor(timer.isFiring ? undefined : timer.dueAtMs);
    });
    return () => {
      if (this.#open.get(key) === timer) this.#open.delete(key);
    };
  }

  /** True if a timer of this key was ever opened here. */
  hasSeen(key: string): boolean {
    return this.#seen.has(key);
  }

  /** The `fired` entry of `key` reaches the program. */
  fire(key: string): void {
    const timer = this.#open.get(key);
    this.#open.delete(key);
    if (timer === undefined) return;
    this.#core.given({ kind: "fired", key });
    timer.onFired();
  }

  /** Earliest open timer that has not fired, epoch ms. */
  get dueAtMs(): number | undefined {
    let earliest: number | undefined;
    for (const { dueAtMs, isFiring } of this.#open.values()) {
      if (!isFiring && (earliest === undefined || dueAtMs < earliest)) earliest = dueAtMs;
    }
    return earliest;
  }

  /** Open timers for a snapshot. */
  get list(): { key: string; dueAtMs: number }[] {
    return [...this.#open].map(([key, { dueAtMs }]) => ({ key, dueAtMs }));
  }

  /** A snapshot was taken: keys that are no longer open need not be known. */
  forget(): void {
    this.#seen.clear();
    for (const key of this.#open.keys()) this.#seen.add(key);
  }

  close(): void {
    this.#open.clear();
    this.#armed?.disarm();
    this.#armed = undefined;
  }

  #armFor(dueAtMs: number | undefined): void {
    if (dueAtMs === undefined || (this.#armed !== undefined && this.#armed.dueAtMs <= dueAtMs)) return;
    this.#armed?.disarm();
    this.#armed = { dueAtMs, disarm: this.#core.port.setTimer(dueAtMs, () => this.#onTime()) };
  }

  #onTime(): void {
    this.#armed = undefined;
    const now = this.#core.port.now();
    const due = [...this.#open].filter(([, timer]) => !timer.isFiring && timer.dueAtMs <= now);
    due.sort(([, a], [, b]) => a.dueAtMs - b.dueAtMs);
    for (const [key, timer] of due) {
      timer.isFiring = true;
      const body = JSON.stringify({ v: JOURNAL_VERSION });
      this.#core.arrive("fired", key, body, (at) => ({ ...at, kind: "fired", key }));
    }
    this.#armFor(this.dueAtMs);
    this.#core.rest();
  }
}
