import type { Channel } from "@stigmer/runner-link";
import type { AttachedRunner, Engine, RunnerFrame, ServerFrame } from "@stigmer/server";
import type { SeededChance } from "./random.ts";
import type { Timeline } from "./timeline.ts";

/** What a stream needs. */
export interface SimStreamParams {
  readonly engine: Engine;
  readonly timeline: Timeline;
  readonly chance: SeededChance;
  readonly onFrame: (frame: ServerFrame) => void;
  readonly onClosed: () => void;
  /** May change frames on their way, for planted faults; one per stream. */
  readonly wire: Wire;
}

/** What happens to frames on their way; the honest one passes them on. */
export interface Wire {
  up(frame: RunnerFrame, pass: (frame: RunnerFrame) => void, back: (frame: ServerFrame) => void): void;
  down(frame: ServerFrame, pass: (frame: ServerFrame) => void): void;
}

/** The honest wire. */
export const HONEST_WIRE: Wire = { up: (frame, pass) => pass(frame), down: (frame, pass) => pass(frame) };

/**
 * A bidirectional stream: frames keep their order and take a while. When it breaks, what is under way is lost and each
 * side hears of it at a time of its own.
 */
export class SimStream implements Channel {
  readonly #params: SimStreamParams;
  readonly #attached: AttachedRunner;
  #isBroken = false;
  #upAt = 0;
  #downAt = 0;

  constructor(params: SimStreamParams) {
    this.#params = params;
    this.#attached = params.engine.attachRunner({ send: (frame) => this.#down(frame) });
  }

  send(frame: RunnerFrame): void {
    if (this.#isBroken) return;
    const { timeline, wire, onFrame } = this.#params;
    this.#upAt = this.#next(this.#upAt);
    timeline.after(this.#upAt - timeline.now, () => {
      if (!this.#isBroken) wire.up(frame, (one) => this.#attached.receive(one), onFrame);
    });
  }

  close(): Promise<void> {
    this.break();
    return Promise.resolve();
  }

  /** The connection is lost. */
  break(): void {
    if (this.#isBroken) return;
    this.#isBroken = true;
    const { timeline, chance, onClosed } = this.#params;
    timeline.after(chance.next() * 100, () => this.#attached.closed());
    timeline.after(chance.next() * 100, onClosed);
  }

  #down(frame: ServerFrame): void {
    const { timeline, wire, onFrame } = this.#params;
    if (this.#isBroken) return;
    this.#downAt = this.#next(this.#downAt);
    timeline.after(this.#downAt - timeline.now, () => {
      if (!this.#isBroken) wire.down(frame, onFrame);
    });
  }

  #next(last: number): number {
    const { timeline, chance } = this.#params;
    return Math.max(last + 0.001, timeline.now + 0.05 + chance.next() * 2);
  }
}
