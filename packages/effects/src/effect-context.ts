import type { CrashClass, Json } from "@stigmer/durable";

/** What an effect knows about its execution, and its doors to the host. */
export interface EffectContext {
  readonly executionId: string;
  /** The call's key, unique in the execution. */
  readonly key: string;
  /** 1 for the first try of this call; a restart counts on. */
  readonly attempt: number;
  /** Equal over retries and crashes of this call. */
  readonly idempotencyKey: string;
  /** What a crash may do to the call; absent: it must not be seen twice. */
  readonly crash?: CrashClass;
  /** Aborted when the effect is cancelled or its time is up; the effect has five seconds from then. */
  readonly signal: AbortSignal;
  /** Existing folder in which processes run and tools read. */
  readonly workspaceDir: string;
  /** Private folder that becomes HOME of processes; `.home` in the workspace when absent. */
  readonly homeDir?: string;
  /** Names of all secrets that the definition declares. */
  readonly declaredSecrets?: readonly string[];
  /** Values by name; a name that does not exist is absent. */
  resolveSecrets(names: readonly string[]): Promise<Readonly<Record<string, Json>>>;
  /** Takes a piece of a model's answer; `offset` counts UTF-16 code units. Tokens are shown, never kept. */
  onToken?(offset: number, text: string): void;
}

/**
 * Does one effect.
 *
 * @throws {DurableFailure} with a standard error type when it failed
 */
export type EffectHandler = (input: Json, context: EffectContext) => Promise<Json>;
