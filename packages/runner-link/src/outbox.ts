import type { EntryFrame, EventBatchFrame, ParkFrame, ReleaseFrame, RunnerFrame, TokenFrame } from "@stigmer/api";

/** What an outbox works with. */
export interface OutboxParams {
  readonly endOfTurn: (act: () => void) => void;
  /** Whether a program is about to say more in this turn. */
  readonly isSettling: () => boolean;
  readonly send: (frame: RunnerFrame) => void;
}

/** How often a frame may wait for programs that still run in this turn. */
const MAX_DEFERRALS = 8;

/** Collects what is said in one turn of the event loop into one frame. */
export class Outbox {
  readonly #params: OutboxParams;
  #entries: EntryFrame[] = [];
  #parks: ParkFrame[] = [];
  #releases: ReleaseFrame[] = [];
  #tokens: TokenFrame[] = [];
  #events: EventBatchFrame[] = [];
  #isScheduled = false;

  constructor(params: OutboxParams) {
    this.#params = params;
  }

  entry(frame: EntryFrame): void {
    this.#entries.push(frame);
    this.#schedule();
  }

  park(frame: ParkFrame): void {
    this.#parks.push(frame);
    this.#schedule();
  }

  release(frame: ReleaseFrame): void {
    this.#releases.push(frame);
    this.#schedule();
  }

  token(frame: TokenFrame): void {
    this.#tokens.push(frame);
    this.#schedule();
  }

  /** Leaves at once, in a frame of its own: entries of a later moment have higher lines. */
  events(frames: readonly EventBatchFrame[]): void {
    this.#events.push(...frames);
    this.flush();
  }

  /** Sends what there is. */
  flush(): void {
    const frame: RunnerFrame = {};
    if (this.#entries.length > 0) frame.entries = this.#entries;
    if (this.#parks.length > 0) frame.parks = this.#parks;
    if (this.#releases.length > 0) frame.releases = this.#releases;
    if (this.#tokens.length > 0) frame.tokens = this.#tokens;
    if (this.#events.length > 0) frame.events = this.#events;
    this.clear();
    if (Object.keys(frame).length > 0) this.#params.send(frame);
  }

  /** Forgets what was not sent: a new stream begins with everything that is not safe. */
  clear(): void {
    this.#entries = [];
    this.#parks = [];
    this.#releases = [];
    this.#tokens = [];
    this.#events = [];
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    this.#waitForPrograms(0);
  }

  #waitForPrograms(deferrals: number): void {
    this.#params.endOfTurn(() => {
      if (this.#params.isSettling() && deferrals < MAX_DEFERRALS) return this.#waitForPrograms(deferrals + 1);
      this.#isScheduled = false;
      this.flush();
    });
  }
}
