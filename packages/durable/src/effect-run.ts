import type { ActivationPort, CancelSignal } from "./activation-port.ts";
import type { EffectCall, EffectRetry } from "./durable.ts";
import type { Outcome } from "./entry.ts";
import type { Failure } from "./failure.ts";
import { TIMEOUT_ERROR, toFailure } from "./problems.ts";

/** One effect at work: its attempts with their time limits and the delays between them. */
export class EffectRun {
  readonly #executionId: string;
  readonly #call: EffectCall;
  readonly #port: ActivationPort;
  readonly #done: (outcome: Outcome) => void;
  #attempt = 0;
  #signal = new AbortFlag();
  #disarm: (() => void) | undefined;
  #isOver = false;

  /** @param params.done is called once, unless the effect is dropped */
  constructor(params: {
    readonly executionId: string;
    readonly call: EffectCall;
    readonly port: ActivationPort;
    readonly done: (outcome: Outcome) => void;
  }) {
    this.#executionId = params.executionId;
    this.#call = params.call;
    this.#port = params.port;
    this.#done = params.done;
    this.#start();
  }

  /** Asks it to stop; what it still gives is its outcome, and no further attempt follows. */
  abort(): void {
    if (this.#isOver) return;
    const isBetweenAttempts = this.#signal.isSpent;
    this.#signal.abort();
    if (isBetweenAttempts) this.#end({ failure: abortedFailure(this.#call.key) });
  }

  /** Asks it to stop and forgets it. */
  drop(): void {
    this.#isOver = true;
    this.#disarm?.();
    this.#signal.abort();
  }

  #start(): void {
    this.#attempt++;
    const signal = new AbortFlag();
    this.#signal = signal;
    const { timeoutMs } = this.#call;
    const finish = (outcome: Outcome) => {
      if (signal.isSpent || this.#isOver) return;
      signal.isSpent = true;
      this.#disarm?.();
      this.#disarm = undefined;
      this.#finish(outcome);
    };
    if (timeoutMs !== undefined) {
      this.#disarm = this.#port.setTimer(this.#port.now() + timeoutMs, () => {
        finish({ failure: timeoutFailure(this.#call.key, timeoutMs) });
        signal.abort();
      });
    }
    this.#run(signal).then(
      (ok) => finish({ ok }),
      (error) => finish({ failure: toFailure(error, "effect failed") }),
    );
  }

  /** A handler that throws at once is a rejected one. */
  async #run(signal: CancelSignal) {
    const { key } = this.#call;
    return this.#port.runEffect(this.#call, {
      executionId: this.#executionId,
      key,
      attempt: this.#attempt,
      signal,
      onToken: (offset, text) => this.#port.token?.(key, offset, text),
    });
  }

  #finish(outcome: Outcome): void {
    const { retry } = this.#call;
    const mayRepeat = "failure" in outcome && outcome.failure.retryable !== false && !this.#signal.aborted;
    if (!mayRepeat || retry === undefined || this.#attempt >= retry.maxAttempts) return this.#end(outcome);
    const atMs = this.#port.now() + effectRetryDelayMs(retry, this.#attempt);
    this.#disarm = this.#port.setTimer(atMs, () => {
      this.#disarm = undefined;
      this.#start();
    });
  }

  #end(outcome: Outcome): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#disarm?.();
    this.#done(outcome);
  }
}

/**
 * Delay before the next attempt, growing by `coefficient` up to `maxDelayMs`.
 *
 * @param attempt the attempt that failed, from 1
 * @returns milliseconds
 */
export function effectRetryDelayMs(retry: EffectRetry, attempt: number): number {
  return Math.min(retry.initialDelayMs * retry.coefficient ** (attempt - 1), retry.maxDelayMs);
}

/** A signal without a platform: `AbortSignal` is none of the language. */
class AbortFlag implements CancelSignal {
  aborted = false;
  /** Its attempt is over. */
  isSpent = false;
  readonly #listeners = new Set<() => void>();

  onAbort(listener: () => void): () => void {
    if (this.aborted) {
      listener();
      return () => {};
    }
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  abort(): void {
    if (this.aborted) return;
    this.aborted = true;
    for (const listener of [...this.#listeners]) listener();
    this.#listeners.clear();
  }
}

function timeoutFailure(key: string, timeoutMs: number): Failure {
  return { type: TIMEOUT_ERROR, status: 408, title: "timeout", detail: `"${key}" took longer than ${timeoutMs} ms` };
}

function abortedFailure(key: string): Failure {
  return { type: TIMEOUT_ERROR, status: 408, title: "aborted", detail: `"${key}" was cancelled between two attempts` };
}
