import { PHASE } from "../store/engine/execution-row.ts";
import type { Store } from "../store/store.ts";
import type { Clock } from "./clock.ts";
import { type EventView, type ExecutionView, readEvents, readExecution, readPhase } from "./execution-views.ts";
import type { TokenCursor, TokenPlane, TokenText } from "./token-plane.ts";

/** What a watcher gets: the execution at the beginning and at its end, its events between, model text when asked for. */
export type WatchUpdate =
  | { readonly kind: "snapshot"; readonly execution: ExecutionView }
  | { readonly kind: "event"; readonly event: EventView }
  | { readonly kind: "token"; readonly token: TokenText };

/** How to watch. */
export interface WatchParams {
  /** Events with a greater number follow; 0 means all that are kept. */
  readonly afterSeq?: number;
  /** `tokens` adds the ephemeral text of models. */
  readonly plane?: "events" | "tokens";
  /** The execution as it was read a moment ago; spares reading it again. */
  readonly known?: ExecutionView;
  /** Ends the watch. */
  readonly signal?: AbortSignal;
}

/** How many events are read at a time. */
const PAGE = 200;
/**
 * How long events gather before they are read, ms; the end of an execution is told at once. Reading and sending each
 * step by itself would cost as much as the steps.
 */
const GATHER_MS = 10;

/**
 * Watchers pull: each reads from the table behind its own cursor whenever something of its execution reached the disk.
 * So there is no gap, no duplicate and no buffer, however slow it is.
 */
export class Watchers {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #bells = new Map<number, Set<Bell>>();

  constructor(store: Store, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
  }

  get count(): number {
    let count = 0;
    for (const bells of this.#bells.values()) count += bells.size;
    return count;
  }

  /** Something of the execution changed. */
  ring(no: number): void {
    for (const bell of this.#bells.get(no) ?? []) bell.ring();
  }

  /** The execution ended. */
  ended(no: number): void {
    for (const bell of this.#bells.get(no) ?? []) bell.toll();
  }

  /** A snapshot, then events without gap or duplicate; ends after the final phase. Yields nothing for an unknown id. */
  async *watch(id: string, params: WatchParams, tokens: TokenPlane): AsyncGenerator<WatchUpdate, void, undefined> {
    const first = params.known ?? readExecution(this.#store, id);
    if (!first) return;
    const bell = this.#hang(first.no, params.signal);
    // Read behind the hanging of the bell: an end before it is seen here, an end after it is heard.
    if (readPhase(this.#store, first.no) >= PHASE.completed) bell.toll();
    try {
      yield { kind: "snapshot", execution: first };
      yield* this.#follow(first, params, bell, tokens);
    } finally {
      this.#take(first.no, bell);
    }
  }

  async *#follow(
    first: ExecutionView,
    params: WatchParams,
    bell: Bell,
    tokens: TokenPlane,
  ): AsyncGenerator<WatchUpdate, void, undefined> {
    const cursor: TokenCursor = new Map();
    let seq = params.afterSeq ?? 0;
    while (!params.signal?.aborted) {
      bell.reset();
      // Asked before the events are read: what has ended then has no events that this look could miss.
      const { hasEnded } = bell;
      const { events, last } = this.#store.read.together(() => this.#look(first, seq, hasEnded));
      for (const event of events) {
        seq = event.seq;
        yield { kind: "event", event };
      }
      if (params.plane === "tokens") for (const token of tokens.read(first.no, cursor)) yield { kind: "token", token };
      if (events.length === PAGE) continue;
      if (last) yield { kind: "snapshot", execution: last };
      if (hasEnded) return;
      await bell.rung();
      if (params.plane !== "tokens" && !params.signal?.aborted) await bell.tolled(this.#clock, GATHER_MS);
    }
  }

  #look({ no, id }: ExecutionView, afterSeq: number, hasEnded: boolean) {
    const events = readEvents(this.#store, no, afterSeq, PAGE);
    return { events, last: hasEnded && events.length < PAGE ? readExecution(this.#store, id) : undefined };
  }

  #hang(no: number, signal: AbortSignal | undefined): Bell {
    const bell = new Bell();
    const bells = this.#bells.get(no) ?? new Set();
    bells.add(bell);
    this.#bells.set(no, bells);
    signal?.addEventListener("abort", () => bell.stop(), { once: true });
    return bell;
  }

  #take(no: number, bell: Bell): void {
    const bells = this.#bells.get(no);
    bells?.delete(bell);
    if (bells?.size === 0) this.#bells.delete(no);
  }
}

/** Rings once until it is reset, and tolls once for ever. */
class Bell {
  hasEnded = false;
  #isRung = false;
  #isGathering = false;
  #resolve: (() => void) | undefined;

  ring(): void {
    this.#isRung = true;
    if (!this.#isGathering) this.#wake();
  }

  toll(): void {
    this.hasEnded = true;
    this.#isRung = true;
    this.#wake();
  }

  /** Nobody listens any more. */
  stop(): void {
    this.#isRung = true;
    this.#wake();
  }

  reset(): void {
    this.#isRung = false;
  }

  rung(): Promise<void> {
    if (this.#isRung) return Promise.resolve();
    return new Promise((resolve) => {
      this.#resolve = resolve;
    });
  }

  /** Resolves when it tolls, at the latest after a moment. */
  tolled(clock: Clock, withinMs: number): Promise<void> {
    if (this.hasEnded) return Promise.resolve();
    return new Promise((resolve) => {
      const disarm = clock.after(withinMs, () => this.#wake());
      this.#isGathering = true;
      this.#resolve = () => {
        disarm();
        resolve();
      };
    });
  }

  #wake(): void {
    const resolve = this.#resolve;
    this.#resolve = undefined;
    this.#isGathering = false;
    resolve?.();
  }
}
