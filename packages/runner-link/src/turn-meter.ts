/** Measures the turns of the programs that share a thread and finds the one that uses too much of it. */
export class TurnMeter {
  readonly #stopwatch: () => number;
  readonly #budgetMs: number;
  readonly #open = new Map<object, { readonly startedAt: number; readonly begun: number; readonly beside: number }>();
  #begun = 0;

  constructor(stopwatch: () => number, budgetMs: number) {
    this.#stopwatch = stopwatch;
    this.#budgetMs = budgetMs;
  }

  begin(owner: object): void {
    this.#begun++;
    this.#open.set(owner, { startedAt: this.#stopwatch(), begun: this.#begun, beside: this.#open.size });
  }

  /** Milliseconds if the turn was over the budget; turns that ran in the same moment each get a budget of their own. */
  end(owner: object): number | undefined {
    const turn = this.#open.get(owner);
    this.#open.delete(owner);
    if (turn === undefined) return undefined;
    const elapsedMs = this.#stopwatch() - turn.startedAt;
    const together = 1 + turn.beside + (this.#begun - turn.begun);
    return elapsedMs > this.#budgetMs * together ? elapsedMs : undefined;
  }
}
