import { setTimeout as delay } from "node:timers/promises";
import { type Event, type Execution, isStigmerError, Phase, type WatchResponse } from "@stigmer/api";
import type { StigmerClient } from "@stigmer/sdk";
import { isFinalPhase } from "../client/resource-columns.ts";

/** How long a broken stream is taken up again. */
const RECONNECT_MS = 60_000;

/** Takes what a followed execution says. */
export interface FollowListener {
  /** The execution is on disk (or was found). */
  onAccepted?(execution: Execution): void;
  onEvent?(event: Event): void;
  onToken?(key: string, offset: number, text: string): void;
}

export interface FollowParams {
  readonly client: StigmerClient;
  /** Opens the first stream: Run, or Watch. */
  readonly open: (signal: AbortSignal) => Promise<AsyncIterable<WatchResponse>>;
  readonly withTokens: boolean;
  readonly listener: FollowListener;
  /** Ends the following, never the execution. */
  readonly signal: AbortSignal;
}

/**
 * Follows an execution to its final phase, or until it is suspended: then only a person lets it go on. When the stream breaks it goes on from the last event: the first call is
 * repeated (with its idempotency key) as long as the execution is not known, then watched.
 *
 * @returns undefined when the signal ended it first
 */
export async function followExecution(params: FollowParams): Promise<Execution | undefined> {
  // A stream that is left before its end stays open, and with it the process, until it is aborted.
  const left = new AbortController();
  try {
    return await follow(params, AbortSignal.any([params.signal, left.signal]));
  } finally {
    left.abort();
  }
}

async function follow(params: FollowParams, streamSignal: AbortSignal): Promise<Execution | undefined> {
  const { client, listener, signal } = params;
  let known: Execution | undefined;
  let afterSeq = 0n;
  let giveUpAt = Number.POSITIVE_INFINITY;
  const watch = async () => {
    const executions = await client.executions();
    return executions.watch({ id: known?.id ?? "", afterSeq, tokens: params.withTokens }, { signal: streamSignal });
  };
  for (;;) {
    try {
      for await (const { update } of known ? await watch() : await params.open(streamSignal)) {
        giveUpAt = Number.POSITIVE_INFINITY;
        if (update.case === "snapshot") {
          if (!known) listener.onAccepted?.(update.value);
          known = update.value;
        } else if (update.case === "event") {
          if (update.value.seq <= afterSeq) continue;
          afterSeq = update.value.seq;
          listener.onEvent?.(update.value);
          if (known && isNewSuspension(update.value, known)) known = await readAgain(client, known);
        } else if (update.case === "token") {
          const { key, offset, text } = update.value;
          listener.onToken?.(key, Number(offset), text);
        }
        if (known?.phase === Phase.SUSPENDED && afterSeq >= known.lastEventSeq) return known;
      }
      if (known && isFinalPhase(known.phase)) return known;
    } catch (error) {
      if (signal.aborted) return undefined;
      if (!isRepairable(error) || Date.now() > giveUpAt) throw error;
    }
    if (signal.aborted) return undefined;
    if (giveUpAt === Number.POSITIVE_INFINITY) giveUpAt = Date.now() + RECONNECT_MS;
    await delay(100 + Math.random() * 200, undefined, { signal }).catch(() => {});
  }
}

/** Old suspensions come again with the event log; what is known of the execution tells them from a new one. */
function isNewSuspension({ type, seq }: Event, known: Execution): boolean {
  return type === "execution.suspended" && seq > known.lastEventSeq;
}

/** The execution as it is now: it may have been resumed meanwhile. */
async function readAgain(client: StigmerClient, known: Execution): Promise<Execution> {
  const { execution } = await (await client.executions()).getExecution({ id: known.id });
  return execution ?? known;
}

/** The server went away or restarts; anything else is an answer. */
function isRepairable(error: unknown): boolean {
  return (
    isStigmerError(error) && (error.code === "unavailable" || error.code === "unknown" || error.code === "aborted")
  );
}
