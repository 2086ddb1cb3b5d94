import type { Json } from "@stigmer/durable";
import type { ScheduleClaim } from "../store/commands-schedules.ts";
import type { IdempotencyKey } from "../store/idempotency.ts";
import type { Store } from "../store/store.ts";
import type { Clock } from "./clock.ts";
import type { ExecutionSpec, ResolveDefinition } from "./execution-spec.ts";
import type { JournalSeal } from "./journal-seal.ts";
import type { EngineLimits } from "./limits.ts";

/** What an engine is made of. */
export interface EngineOptions {
  readonly store: Store;
  readonly resolveDefinition: ResolveDefinition;
  /** Default: the machine's. */
  readonly clock?: Clock;
  /** Random bytes; default: the system's. */
  readonly random?: (size: number) => Uint8Array;
  readonly limits?: Partial<EngineLimits>;
  /** Seals entries that may carry a secret; default: they are stored in clear, as the simulation does. */
  readonly seal?: JournalSeal;
}

/** A key for a call that changes something; `digest` is the request's without the key. */
export type CallKey = Pick<IdempotencyKey, "key" | "digest">;

/** What starts an execution. */
export interface StartParams {
  readonly spec: ExecutionSpec;
  readonly idempotency?: CallKey;
  /** Made by `newId` when the caller needs it before, such as for a workspace. */
  readonly id?: string;
}

/** What starts what a schedule owes. */
export interface StartScheduledParams {
  readonly spec: ExecutionSpec;
  /** Number of the workflow's resource. */
  readonly resource: number;
  readonly claim: ScheduleClaim;
}

/** What a wish names. */
export interface WishParams {
  readonly id: string;
  readonly idempotency?: CallKey;
}

/** How to cancel. */
export interface CancelParams extends WishParams {
  readonly reason?: string;
  /** `force` ends at once, without waiting for running effects. Default `gentle`. */
  readonly mode?: "gentle" | "force";
}

/** What goes into one inbox. */
export interface DeliverParams extends WishParams {
  readonly kind: "message" | "decision" | "event";
  readonly data: Json;
  /** An item with a key that the inbox has had is not taken again. */
  readonly dedupe?: string;
}

/** An answer to a question. */
export interface DecideParams {
  readonly id: string;
  /** Key of the question. */
  readonly task: string;
  /** Digest of the whole answer. */
  readonly digest: string;
  /** Task, outcome, data and who decided. */
  readonly item: Json;
}

/** What is published: a structured CloudEvent 1.0. */
export interface PublishParams {
  readonly event: Json;
}

/** A runner as `stats` shows it. */
export interface RunnerStats {
  readonly component: string;
  readonly instance: string;
  readonly version: string;
  readonly capacity: number;
  readonly held: number;
  readonly connectedAtMs: number;
}

/** The engine's figures. */
export interface EngineStats {
  readonly runners: readonly RunnerStats[];
  /** Executions by phase number. */
  readonly phases: Readonly<Record<number, number>>;
  readonly backlog: number;
  readonly leased: number;
  readonly watchers: number;
  /** Groups and commands on disk since the start. */
  readonly commits: number;
  readonly commands: number;
}
