import type { Delivery } from "./recorded.ts";

/** Answers on their way to the program, in recorded order. A pause holds back what follows until `resume` or `cancel`. */
export class DeliveryQueue {
  readonly #items: Delivery[];
  #isPaused = false;

  constructor(recorded: readonly Delivery[]) {
    this.#items = [...recorded];
  }

  get length(): number {
    return this.#items.length;
  }

  /** True while a pause stands at the head; asked after `take`. */
  get isPaused(): boolean {
    return this.#isPaused;
  }

  push(delivery: Delivery): void {
    this.#items.push(delivery);
  }

  /** The next answer for the program, if one may reach it. */
  take(): Delivery | undefined {
    for (;;) {
      const head = this.#items[0];
      const word = head === undefined ? undefined : wordOf(head);
      this.#isPaused = word === "pause" && !this.#items.some(endsPause);
      if (head === undefined || this.#isPaused) return undefined;
      this.#items.shift();
      if (word !== "pause" && word !== "resume") return head;
    }
  }
}

function wordOf(delivery: Delivery): string | undefined {
  return delivery.kind === "inbox" ? delivery.item.kind : undefined;
}

function endsPause(delivery: Delivery): boolean {
  const word = wordOf(delivery);
  return word === "resume" || word === "cancel";
}
