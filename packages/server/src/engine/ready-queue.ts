import type { Live } from "./live.ts";

/**
 * Executions that wait for a runner of one program: first in, first out within a definition, in turn between
 * definitions. Those that saw a runner die wait in a line of their own.
 */
export class ReadyQueue {
  readonly #lines = new Map<string, Line>();
  readonly #turns: Line[] = [];
  readonly #alone = new Line();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  add(live: Live): void {
    this.#size++;
    if (live.deaths > 0) return this.#alone.push(live);
    const name = live.ready.queue;
    const known = this.#lines.get(name);
    if (known) return known.push(live);
    const line = new Line(name);
    line.push(live);
    this.#lines.set(name, line);
    this.#turns.push(line);
  }

  /** The longest waiting of those that must be alone. */
  peekAlone(): Live | undefined {
    return this.#alone.peek();
  }

  takeAlone(): Live | undefined {
    return this.#count(this.#alone.take());
  }

  /** The next of the others. */
  take(): Live | undefined {
    const line = this.#turns.shift();
    if (!line) return undefined;
    const live = this.#count(line.take());
    if (line.isEmpty) this.#lines.delete(line.name);
    else this.#turns.push(line);
    return live ?? this.take();
  }

  #count(live: Live | undefined): Live | undefined {
    if (live) this.#size--;
    return live;
  }
}

/** A first-in-first-out list whose head moves without copying. */
class Line {
  readonly name: string;
  #items: Live[] = [];
  #head = 0;

  constructor(name = "") {
    this.name = name;
  }

  get isEmpty(): boolean {
    return this.#head >= this.#items.length;
  }

  push(live: Live): void {
    this.#items.push(live);
  }

  peek(): Live | undefined {
    return this.#items[this.#head];
  }

  take(): Live | undefined {
    const live = this.#items[this.#head];
    if (!live) return undefined;
    this.#head++;
    if (this.#head > 1_000 && this.#head * 2 > this.#items.length) {
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    }
    return live;
  }
}
