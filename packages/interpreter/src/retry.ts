import type { RetryPolicy, TryTask } from "@stigmer/dsl";
import { durationMs } from "./data-flow.ts";
import { standardFault } from "./fault.ts";
import type { TaskFrame } from "./frame.ts";
import type { Run } from "./run.ts";

/**
 * The retry policy of a try task, inline or by its name in `use.retries`.
 *
 * @throws {Fault} configuration error when the name is not declared
 */
export function retryPolicy(run: Run, task: TryTask): RetryPolicy | undefined {
  const { retry } = task.catch;
  if (typeof retry !== "string") return retry;
  const named = run.definition.use?.retries?.[retry];
  if (named !== undefined) return named;
  throw standardFault({ error: "configuration", detail: `Cannot find retry policy "${retry}" in use.retries` });
}

/** How far the attempts of a try task have come. */
export interface RetryProgress {
  /** The attempt that failed, from 1. */
  readonly attempt: number;
  /** Epoch ms of the first attempt. */
  readonly startedAtMs: number;
}

/**
 * When the next attempt may begin.
 *
 * @returns delay in milliseconds; undefined when a limit of the policy is reached
 */
export function nextDelayMs(frame: TaskFrame, policy: RetryPolicy, progress: RetryProgress): number | undefined {
  const count = policy.limit?.attempt?.count;
  if (count !== undefined && progress.attempt > count) return undefined;
  const delayMs = Math.min(grownDelayMs(frame, policy, progress.attempt) + jitterMs(frame, policy), MAX_DELAY_MS);
  if (policy.limit?.duration === undefined) return delayMs;
  const limitMs = durationMs(frame, policy.limit.duration);
  return frame.durable.now() + delayMs > progress.startedAtMs + limitMs ? undefined : delayMs;
}

/** A year: exponential growth ends there. */
const MAX_DELAY_MS = 365 * 86_400_000;

/** Enough to pass the longest delay from one millisecond; more would overflow. */
const MAX_DOUBLINGS = 40;

/** Linear: delay x n; exponential: delay x 2^(n-1); otherwise the delay itself. `retry` counts from 1. */
function grownDelayMs(frame: TaskFrame, policy: RetryPolicy, retry: number): number {
  const delayMs = policy.delay === undefined ? 0 : durationMs(frame, policy.delay);
  if (policy.backoff?.exponential !== undefined) return delayMs * 2 ** Math.min(retry - 1, MAX_DOUBLINGS);
  return policy.backoff?.linear === undefined ? delayMs : delayMs * retry;
}

/** Added uniformly between its two bounds. */
function jitterMs(frame: TaskFrame, policy: RetryPolicy): number {
  if (policy.jitter === undefined) return 0;
  const from = durationMs(frame, policy.jitter.from);
  const to = durationMs(frame, policy.jitter.to);
  return Math.round(from + frame.durable.random() * Math.max(0, to - from));
}
