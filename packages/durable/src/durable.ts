import type { Json } from "./json.ts";

/**
 * What a crash may do to an effect that was running: `safe` reads may start before the last result is on disk and may
 * be repeated; `repeat` may be seen twice by the world; `unknown` is never silently repeated.
 */
export type CrashClass = "safe" | "repeat" | "unknown";

/** How the host repeats a failed effect by itself; programs that keep their own retries leave it out. */
export interface EffectRetry {
  /** All tries together; integer >= 1. */
  readonly maxAttempts: number;
  readonly initialDelayMs: number;
  readonly coefficient: number;
  readonly maxDelayMs: number;
}

/** One touch of the world. `key` is unique in the execution for ever and equal on replay. */
export interface EffectCall {
  readonly key: string;
  /** Which handler does it, such as `http`, `shell`, `model`. */
  readonly kind: string;
  readonly input: Json;
  readonly crash: CrashClass;
  /** Longest time of one attempt; absent means the handler's own limit. */
  readonly timeoutMs?: number;
  readonly retry?: EffectRetry;
}

/** Something that came from outside, in the order recorded. */
export interface InboxItem {
  /** Position in the execution's inbox, from 1. */
  readonly n: number;
  /** `event`: a CloudEvent; `message`: a message to an agent; `decision`: a human's answer. */
  readonly kind: "event" | "message" | "decision";
  readonly data: Json;
}

/** Waits for the first buffered or coming item that `match` accepts and consumes it. `match` is pure. */
export interface ReceiveCall {
  readonly key: string;
  readonly match: (item: InboxItem) => boolean;
}

/** Starts another execution; its id derives from the parent's id and `key`. */
export interface ChildCall {
  readonly key: string;
  /** Which program runs: `workflow` or `agent`. */
  readonly program: string;
  /** What it runs, in the program's own words, such as `{namespace, name, version}`. */
  readonly target: Json;
  readonly input: Json;
  /** `wait`: resolves with the child's output; `detach`: resolves with `{id}` once the start is recorded. */
  readonly mode: "wait" | "detach";
}

/** A line in the execution's event log, such as `{type: "task.started", data: {reference: "/do/0/fetch"}}`. */
export interface ProgramEvent {
  readonly type: string;
  readonly data: Json;
}

/** A timer: resolves when durable time reached `dueAtMs` (epoch ms). After a restore the deadline first recorded for `key` holds. */
export interface SleepCall {
  readonly key: string;
  readonly dueAtMs: number;
}

/** A cancellation scope; with `deadlineAtMs` (epoch ms) its body is cancelled then and `scope` throws DeadlineError. */
export interface ScopeCall {
  readonly key: string;
  readonly deadlineAtMs?: number;
}

/**
 * The only door of a durable program to the world. Every promise rejects with CancelledError once its scope is
 * cancelled. Programs read no clock, no chance and no I/O but through it; between two of its answers they are pure.
 */
export interface Durable {
  /**
   * Does something outside; the outcome is recorded once and never asked for again.
   *
   * @throws {DurableFailure} when the handler failed, or the outcome of an `unknown` effect is lost
   */
  effect(call: EffectCall): Promise<Json>;
  sleepUntil(call: SleepCall): Promise<void>;
  /** The time of the current decision, epoch ms; stands still between two answers of the port. */
  now(): number;
  receive(call: ReceiveCall): Promise<InboxItem>;
  /** @throws {DurableFailure} when a child that is waited for faulted or was cancelled */
  child(call: ChildCall): Promise<Json>;
  /**
   * Runs `body` in a scope of its own.
   *
   * @throws {DeadlineError} when the deadline passed first (after everything in the body has ended)
   */
  scope<T>(call: ScopeCall, body: (scope: DurableScope) => Promise<T>): Promise<T>;
  /** Uniform in [0, 1), from the execution's recorded seed. */
  random(): number;
  /** A version 4 UUID from the execution's recorded seed. */
  uuid(): string;
  /** Writes a line into the event log; replay writes none twice. */
  report(event: ProgramEvent): void;
  /**
   * Offers a safe point: `state()` must be enough to continue as `restored`. The host takes it when no effect is in
   * flight and it is worth it; open timers and buffered items travel along.
   */
  snapshot(state: () => Json): void;
  /** True for executions that began with or passed change `id` of the program; recorded once. */
  patched(id: string): boolean;
}

/** A scope's own port: what runs through it ends when it is cancelled. */
export interface DurableScope extends Durable {
  /** Cancels everything that runs in this scope; a second call changes nothing. */
  cancel(): void;
}

/**
 * A deterministic program. `restored` is the data of the last snapshot, if there was one.
 *
 * @throws {DurableFailure} to fail the execution with that failure
 */
export type DurableProgram = (durable: Durable, input: Json, restored?: Json) => Promise<Json>;
