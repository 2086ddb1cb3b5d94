import { DeadlineError, DurableFailure, type Failure } from "./failure.ts";

/** Standard error of the DSL for a fault of the runtime itself. */
export const RUNTIME_ERROR = "https://serverlessworkflow.io/spec/1.0.0/errors/runtime";

/** Standard error of the DSL for a time limit. */
export const TIMEOUT_ERROR = "https://serverlessworkflow.io/spec/1.0.0/errors/timeout";

/** What a program gets for an `unknown` effect that had begun before a crash. */
export function unknownOutcome(key: string): Failure {
  return {
    type: RUNTIME_ERROR,
    status: 500,
    title: "outcome unknown",
    detail: `The runner stopped while "${key}" ran. It may have happened or not, and is not repeated.`,
    retryable: false,
  };
}

/** Any error as the failure that goes into the journal. */
export function toFailure(error: unknown, title: string): Failure {
  if (error instanceof DurableFailure) return error.failure;
  if (error instanceof DeadlineError)
    return { type: TIMEOUT_ERROR, status: 408, title: "timeout", detail: error.message };
  const detail = error instanceof Error ? error.message : String(error);
  return { type: RUNTIME_ERROR, status: 500, title, detail };
}
