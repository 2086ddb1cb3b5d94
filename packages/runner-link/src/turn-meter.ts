/** Where a meter reads its times, in milliseconds. */
export interface MeterClocks {
  /** Monotonic; cheap to ask. */
  stopwatch(): number;
  /** CPU of this thread; dear to ask. Absent: the stopwatch counts. */
  cpuMs?(): number;
}

/** How old the reading of the CPU may be with which a turn begins, ms. */
const SAMPLE_MS = 20;

/**
 * Measures the turns of the programs that share a thread and finds the one that uses too much of its CPU. The dear clock
 * is asked now and then and when the cheap one is suspicious: a machine that is busy or asleep is no fault of a program.
 */
export class TurnMeter {
  readonly #clocks: MeterClocks;
  readonly #budgetMs: number;
  readonly #open = new Map<
    object,
    { readonly startedAt: number; readonly cpuMs: number; readonly begun: number; readonly beside: number }
  >();
  #begun = 0;
  #sample = { at: Number.NEGATIVE_INFINITY, cpuMs: 0 };

  constructor(clocks: MeterClocks, budgetMs: number) {
    this.#clocks = clocks;
    this.#budgetMs = budgetMs;
  }

  begin(owner: object): void {
    this.#begun++;
    const startedAt = this.#clocks.stopwatch();
    if (startedAt - this.#sample.at > SAMPLE_MS) this.#sample = { at: startedAt, cpuMs: this.#cpuMs() };
    this.#open.set(owner, { startedAt, cpuMs: this.#sample.cpuMs, begun: this.#begun, beside: this.#open.size });
  }

  /** Milliseconds if the turn was over the budget; turns that ran in the same moment each get a budget of their own. */
  end(owner: object): number | undefined {
    const turn = this.#open.get(owner);
    this.#open.delete(owner);
    if (turn === undefined) return undefined;
    const allowedMs = this.#budgetMs * (1 + turn.beside + (this.#begun - turn.begun));
    if (this.#clocks.stopwatch() - turn.startedAt <= allowedMs) return undefined;
    const usedMs = this.#cpuMs() - turn.cpuMs;
    return usedMs > allowedMs ? usedMs : undefined;
  }

  #cpuMs(): number {
    return this.#clocks.cpuMs?.() ?? this.#clocks.stopwatch();
  }
}
