import type { ReadyExecution } from "../store/engine/turn.ts";
import type { RunnerSession } from "./runner-session.ts";

/** An execution that a runner holds or that waits for one. Only these take memory. */
export interface Live {
  readonly ready: ReadyExecution;
  readonly no: number;
  epoch: number;
  /** The runner that it is leased to; empty while queued. */
  instance: string;
  /** The stream of that runner; undefined while it is lost. */
  holder: RunnerSession | undefined;
  /** Last entry that came; it may still be on its way to the disk. */
  lastSeq: number;
  /** Last entry that is on disk. */
  safeSeq: number;
  /** Inbox items up to this one went to the runner. */
  inboxSent: number;
  deaths: number;
  queuedAtMs: number;
  isQueued: boolean;
  /** When it stops having its runner for itself, epoch ms; 0 when it has not. */
  aloneUntilMs: number;
}

/** A queued execution. */
export function queuedLive(ready: ReadyExecution, nowMs: number): Live {
  return {
    ready,
    no: ready.no,
    epoch: ready.epoch,
    instance: "",
    holder: undefined,
    lastSeq: ready.lastSeq,
    safeSeq: ready.lastSeq,
    inboxSent: 0,
    deaths: ready.deaths,
    queuedAtMs: nowMs,
    isQueued: true,
    aloneUntilMs: 0,
  };
}
