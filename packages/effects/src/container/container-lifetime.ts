import { failure } from "../fail.ts";
import { InputReader, type JsonObject } from "../read-input.ts";

/** What becomes of a container after its run. */
export type Lifetime =
  | { readonly cleanup: "always" | "never" }
  | { readonly cleanup: "eventually"; readonly afterMs: number };

/** Label with the time after its end, ms, after which a container is removed. */
export const REMOVE_AFTER_LABEL = "stigmer.removeAfterMs";

/**
 * Reads `{cleanup, afterMs?}`; `never` when absent, as the language says.
 *
 * @throws {DurableFailure} `configuration` for `eventually` without a time
 */
export function readLifetime(lifetime: JsonObject): Lifetime {
  const reader = new InputReader("run: container: lifetime", lifetime);
  const cleanup = reader.oneOf("cleanup", ["always", "never", "eventually"], "never");
  if (cleanup !== "eventually") return { cleanup };
  const afterMs = reader.value("afterMs");
  if (typeof afterMs === "number" && afterMs >= 0 && afterMs <= MAX_TIMER_MS) return { cleanup, afterMs };
  throw failure("configuration", {
    detail: 'Cannot do "run: container": cleanup "eventually" needs "after", 24 days at most',
    retryable: false,
  });
}

/** The longest timer there is, ms. */
const MAX_TIMER_MS = 2_147_483_647;
