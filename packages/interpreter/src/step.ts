/**
 * Work that may have to wait: it yields a promise only when it must, so pure work runs without a single await.
 * Steps nest with `yield*`; `drive` carries the outermost one.
 */
export type Step<T> = Generator<Promise<unknown>, T, unknown>;

/** Waits inside a step. */
export function* settled<T>(promise: Promise<T>): Step<T> {
  // The driver sends back what this very promise resolved with.
  return (yield promise) as T;
}

/**
 * Carries a step to its end; stays synchronous until the step waits for the first time.
 *
 * @throws whatever the step throws
 */
export async function drive<T>(step: Step<T>): Promise<T> {
  let turn = step.next();
  while (!turn.done) turn = await resume(step, turn.value);
  return turn.value;
}

async function resume<T>(step: Step<T>, waitedFor: Promise<unknown>): Promise<IteratorResult<Promise<unknown>, T>> {
  let value: unknown;
  try {
    value = await waitedFor;
  } catch (error) {
    return step.throw(error);
  }
  return step.next(value);
}
