import type { GivenAnswer } from "./snapshot.ts";

/** Answers of the current turn, for a snapshot that is taken in it, and those that the last snapshot brought. */
export class GivenAnswers {
  #ofTurn: GivenAnswer[] = [];
  #restored: GivenAnswer[];
  #isRestoring: boolean;

  /** @param restored answers of a snapshot; undefined for a program that begins */
  constructor(restored: readonly GivenAnswer[] | undefined) {
    this.#restored = [...(restored ?? [])];
    this.#isRestoring = restored !== undefined;
  }

  /** True in the first turn after a restore: branches may not have asked again for what the snapshot holds. */
  get isRestoring(): boolean {
    return this.#isRestoring;
  }

  get ofTurn(): readonly GivenAnswer[] {
    return this.#ofTurn;
  }

  /** A new turn: whoever was answered has heard it. */
  beginTurn(): void {
    this.#ofTurn = [];
  }

  /** The restored program has asked all that it will ask again. */
  forgetRestored(): void {
    this.#isRestoring = false;
    if (this.#restored.length > 0) this.#restored = [];
  }

  add(answer: GivenAnswer): void {
    this.#ofTurn.push(answer);
  }

  /** Takes a restored answer, once. */
  take(kind: GivenAnswer["kind"], key: string): GivenAnswer | undefined {
    if (this.#restored.length === 0) return undefined;
    const index = this.#restored.findIndex((answer) => answer.kind === kind && answer.key === key);
    return index < 0 ? undefined : this.#restored.splice(index, 1)[0];
  }
}
