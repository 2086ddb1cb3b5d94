import type { GivenAnswer } from "./snapshot.ts";

/** Answers of the current turn, for a snapshot that is taken in it, and those that the last snapshot brought. */
export class GivenAnswers {
  #ofTurn: GivenAnswer[] = [];
  #restored: GivenAnswer[];

  constructor(restored: readonly GivenAnswer[]) {
    this.#restored = [...restored];
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
    if (this.#restored.length > 0) this.#restored = [];
  }

  add(answer: GivenAnswer): void {
    this.#ofTurn.push(answer);
  }

  /** Takes a restored answer, once; it belongs to this turn again. */
  take(kind: GivenAnswer["kind"], key: string): GivenAnswer | undefined {
    if (this.#restored.length === 0) return undefined;
    const index = this.#restored.findIndex((answer) => answer.kind === kind && answer.key === key);
    const [answer] = index < 0 ? [] : this.#restored.splice(index, 1);
    if (answer !== undefined) this.#ofTurn.push(answer);
    return answer;
  }
}
