/** Frames that are pushed here and pulled by a stream, in order. */
export class FrameQueue<T> implements AsyncIterable<T> {
  #frames: T[] = [];
  #isEnded = false;
  #wake: (() => void) | undefined;

  push(frame: T): void {
    if (this.#isEnded) return;
    this.#frames.push(frame);
    this.#wake?.();
  }

  /** No more frames follow; what was pushed is still delivered. */
  end(): void {
    this.#isEnded = true;
    this.#wake?.();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T> {
    for (;;) {
      const frames = this.#frames;
      this.#frames = [];
      yield* frames;
      if (this.#frames.length > 0) continue;
      if (this.#isEnded) return;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}
