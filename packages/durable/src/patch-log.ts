/** Which changes of the program an execution has passed, and after which answer it first did. */
export class PatchLog {
  readonly #passed: Map<string, number>;
  /** Refusals hold until the next answer: two calls in one turn must agree on every replay. */
  readonly #refused = new Map<string, number>();

  /** @param recorded number of the last answer before the patch was recorded, by id */
  constructor(recorded: ReadonlyMap<string, number>) {
    this.#passed = new Map(recorded);
  }

  get list(): readonly string[] {
    return [...this.#passed.keys()];
  }

  /** @param lastDelivered number of the last answer that the program got */
  decide(id: string, lastDelivered: number, phase: "replaying" | "live"): { isPatched: boolean; isNew: boolean } {
    const after = this.#passed.get(id);
    if (after !== undefined) return { isPatched: after <= lastDelivered, isNew: false };
    if (phase === "replaying") this.#refused.set(id, lastDelivered);
    if (this.#refused.get(id) === lastDelivered) return { isPatched: false, isNew: false };
    this.#passed.set(id, lastDelivered);
    return { isPatched: true, isNew: true };
  }
}
