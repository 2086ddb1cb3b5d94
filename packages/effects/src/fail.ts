import { STANDARD_ERRORS, type StandardErrorName } from "@stigmer/dsl";
import { DurableFailure, type Failure, type Json } from "@stigmer/durable";

/** Details of a standard failure. */
export interface FailureDetails {
  readonly detail: string;
  /** The type's own status when absent. */
  readonly status?: number;
  readonly title?: string;
  readonly data?: Json;
  /** Absent means that a retry may help. */
  readonly retryable?: false;
  readonly cause?: unknown;
}

/** A failure of a standard error type, ready to throw. */
export function failure(name: StandardErrorName, details: FailureDetails): DurableFailure {
  const { cause, ...members } = details;
  const problem: Failure = { ...STANDARD_ERRORS[name], ...members };
  return new DurableFailure(problem, cause === undefined ? undefined : { cause });
}

/** The failure of an effect that was told to stop; the host knows why it told it so. */
export function stopped(what: string): DurableFailure {
  return failure("runtime", { title: "Cancelled", detail: `${what} was cancelled`, retryable: false });
}
