import type { Json } from "./json.ts";

/**
 * Why an effect, a child or a program failed, as plain data in the shape of an RFC 9457 problem.
 * Unset members are absent. `type` is a URI reference, `status` an HTTP status code.
 */
export interface Failure {
  readonly type: string;
  readonly status: number;
  readonly title?: string;
  readonly detail?: string;
  readonly instance?: string;
  /** Data that belongs to the failure, such as the body of a refused request. */
  readonly data?: Json;
  /** False where a retry policy must not repeat the call, such as an unknown outcome. Absent means it may. */
  readonly retryable?: boolean;
}

/** Thrown into a program when an effect or a child failed; caught, it is data (`failure`). */
export class DurableFailure extends Error {
  readonly failure: Failure;

  constructor(failure: Failure, options?: { readonly cause?: unknown }) {
    super(failure.detail ?? failure.title ?? failure.type, options);
    this.name = "DurableFailure";
    this.failure = failure;
  }
}

/** Thrown into a program when its scope was cancelled; a program lets it pass and never turns it into a result. */
export class CancelledError extends Error {
  constructor(message = "the scope was cancelled") {
    super(message);
    this.name = "CancelledError";
  }
}

/** Thrown by `scope` when its deadline passed before its body ended. */
export class DeadlineError extends Error {
  readonly key: string;

  constructor(key: string) {
    super(`the deadline of scope "${key}" passed`);
    this.name = "DeadlineError";
    this.key = key;
  }
}
