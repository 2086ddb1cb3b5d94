import type { EffectCall } from "./durable.ts";
import type { JournalEntry, ReportedEvent } from "./entry.ts";
import type { Failure } from "./failure.ts";
import type { Json } from "./json.ts";

/** Tells a running effect to stop. */
export interface CancelSignal {
  readonly aborted: boolean;
  /** Calls `listener` once when aborted, at once if it already is; the returned function stops listening. */
  onAbort(listener: () => void): () => void;
}

/** What an effect may know of its call. */
export interface EffectRunContext {
  readonly executionId: string;
  readonly key: string;
  /** From 1. */
  readonly attempt: number;
  readonly signal: CancelSignal;
  /** Ephemeral text of a running model call; `offset` counts UTF-16 units from 0. */
  onToken(offset: number, text: string): void;
}

/**
 * Touches the world.
 *
 * @throws {DurableFailure} with what goes into the journal; any other error becomes a `runtime` failure
 */
export type RunEffect = (call: EffectCall, context: EffectRunContext) => Promise<Json>;

/** Time as a host gives it. */
export interface Clock {
  /** Epoch ms. */
  now(): number;
  /** Calls `fire` once at `atMs` or later; the returned function disarms it. */
  setTimer(atMs: number, fire: () => void): () => void;
}

/** An execution that only waits: for its timers, its inbox, or to be resumed. */
export interface IdleState {
  /** Earliest open timer, epoch ms; absent means none. */
  readonly dueAtMs?: number;
  /** Inbox items up to this one are in the journal. */
  readonly inboxSeen: number;
  /** Last entry that was appended. */
  readonly lastSeq: number;
  readonly paused: boolean;
}

/** How an activation ended. `suspended` has written no final entry. */
export type ActivationEnd =
  | { readonly kind: "completed"; readonly output: Json }
  | { readonly kind: "failed"; readonly failure: Failure }
  | { readonly kind: "cancelled" }
  | { readonly kind: "suspended"; readonly reason: string; readonly message: string };

/** What an activation asks of its host. */
export interface ActivationPort extends Clock {
  /** Puts an entry on its way to the journal; the host acknowledges it once it is safe. */
  append(entry: JournalEntry): void;
  report(event: ReportedEvent): void;
  readonly runEffect: RunEffect;
  /** Calls `done` when all promises that can settle have settled, never before this call returned. */
  settle(done: () => void): void;
  /** 128 random bits as 32 hexadecimal digits, for a journal that has no first entry yet. */
  seed(): string;
  /** The execution only waits; said again whenever it comes to rest. */
  idle(state: IdleState): void;
  /** The last call: the final entry is appended, or the execution is suspended. */
  ended(end: ActivationEnd): void;
  /** Model text of a running effect. */
  token?(key: string, offset: number, text: string): void;
  /** The program runs from `begin` to `end`; for hosts that budget its CPU. */
  turn?(phase: "begin" | "end"): void;
  /** True if a snapshot is worth it. Default: 200 entries or 256 KB since the last one. */
  wantsSnapshot?(since: { readonly entries: number; readonly bytes: number }): boolean;
}
