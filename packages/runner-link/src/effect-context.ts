import { createHash } from "node:crypto";
import type { EffectRunContext, Json } from "@stigmer/durable";

/** What an effect on a runner may know and ask. */
export interface RunnerEffectContext {
  readonly executionId: string;
  readonly namespace: string;
  readonly key: string;
  /** From 1. */
  readonly attempt: number;
  /** Equal over retries and crashes of this call. */
  readonly idempotencyKey: string;
  /** Aborted when the effect is cancelled or its time is up; it has five seconds from then. */
  readonly signal: AbortSignal;
  /** Input of the execution's program, its definition included. */
  readonly programInput: Json;
  /** Values by name; a name that does not exist is absent. Needs a live lease. */
  resolveSecrets(names: readonly string[]): Promise<Readonly<Record<string, Json>>>;
  /** Ephemeral model text; `offset` counts UTF-16 units from 0. */
  onToken(offset: number, text: string): void;
}

/** What a runner adds to a call's context. */
export interface RunnerCallFacts {
  readonly namespace: string;
  readonly programInput: Json;
  readonly resolveSecrets: RunnerEffectContext["resolveSecrets"];
}

/** Adds to a call's context what a runner knows; what is dear is made on demand. */
export function createEffectContext(context: EffectRunContext, facts: RunnerCallFacts): RunnerEffectContext {
  const { executionId, key, attempt, signal } = context;
  let abort: AbortController | undefined;
  return {
    ...facts,
    executionId,
    key,
    attempt,
    onToken: (offset, text) => context.onToken(offset, text),
    get idempotencyKey() {
      return createHash("sha256").update(`${executionId}\n${key}`).digest("hex").slice(0, 32);
    },
    get signal() {
      if (abort === undefined) {
        const controller = new AbortController();
        abort = controller;
        signal.onAbort(() => controller.abort());
      }
      return abort.signal;
    },
  };
}
