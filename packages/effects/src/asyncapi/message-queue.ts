/** Messages between a socket that gives them and a reader that takes them. */
export interface MessageQueue<T> {
  push(message: T): void;
  /** No more comes; the reader fails with `error` after it has taken what is there. */
  end(error?: unknown): void;
  /** For one reader. */
  readonly messages: AsyncIterable<T>;
}

/** A queue that is empty at first. */
export function createMessageQueue<T>(): MessageQueue<T> {
  const waiting: T[] = [];
  let ended: { readonly error: unknown } | undefined;
  let wake = () => {};
  async function* take(): AsyncIterable<T> {
    for (;;) {
      const next = waiting.shift();
      if (next !== undefined) {
        yield next;
        continue;
      }
      if (ended) {
        if (ended.error !== undefined) throw ended.error;
        return;
      }
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  }
  return {
    push(message) {
      if (ended) return;
      waiting.push(message);
      wake();
    },
    end(error) {
      ended ??= { error };
      wake();
    },
    messages: take(),
  };
}
