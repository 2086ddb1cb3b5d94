import { createHash } from "node:crypto";
import type { EffectRunContext, Json } from "@stigmer/durable";

/** What an effect on a runner may know and ask. */
export interface RunnerEffectContext extends EffectRunContext {
  readonly namespace: string;
  /** Equal over retries and crashes of this call. */
  readonly idempotencyKey: string;
  /** The signal as Node's own APIs want it. */
  readonly abortSignal: AbortSignal;
  /** Values by name; a name that does not exist is absent. Needs a live lease. */
  resolveSecrets(names: readonly string[]): Promise<Readonly<Record<string, Json>>>;
}

/** Adds to a call's context what a runner knows. */
export function createEffectContext(
  context: EffectRunContext,
  namespace: string,
  resolveSecrets: RunnerEffectContext["resolveSecrets"],
): RunnerEffectContext {
  const { executionId, key, attempt, signal } = context;
  let abort: AbortController | undefined;
  return {
    executionId,
    key,
    attempt,
    signal,
    namespace,
    resolveSecrets,
    onToken: (offset, text) => context.onToken(offset, text),
    get idempotencyKey() {
      return createHash("sha256").update(`${executionId}\n${key}`).digest("hex").slice(0, 32);
    },
    // Made on demand: a controller per call is what the profile shows first.
    get abortSignal() {
      if (abort === undefined) {
        const controller = new AbortController();
        abort = controller;
        signal.onAbort(() => controller.abort());
      }
      return abort.signal;
    },
  };
}
