/** Frames that wait for their way out; one reader takes them in order. */
export class FrameQueue<T> {
  #frames: T[] = [];
  #end: { readonly error?: unknown } | undefined;
  #wake: (() => void) | undefined;

  push(frame: T): void {
    if (this.#end !== undefined) return;
    this.#frames.push(frame);
    this.#wake?.();
  }

  /** No more frames come; those that wait still go out. */
  end(): void {
    this.#end ??= {};
    this.#wake?.();
  }

  /** The reader gets this error behind the last frame. */
  fail(error: unknown): void {
    this.#end ??= { error };
    this.#wake?.();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T> {
    for (;;) {
      const frames = this.#frames;
      this.#frames = [];
      yield* frames;
      if (this.#frames.length > 0) continue;
      if (this.#end !== undefined) {
        if ("error" in this.#end) throw this.#end.error;
        return;
      }
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      this.#wake = undefined;
    }
  }
}
