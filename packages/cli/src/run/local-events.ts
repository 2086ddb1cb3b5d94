import type { Clock, MemoryHost } from "@stigmer/durable";
import type { ScheduledEvent } from "./local-options.ts";

export interface ScheduleEventsParams {
  readonly host: MemoryHost;
  readonly clock: Clock;
  readonly events: readonly ScheduledEvent[];
}

/**
 * Publishes the events at their times, counted from now, each after the one before it.
 *
 * @returns stops what is still to come
 */
export function scheduleEvents({ host, clock, events }: ScheduleEventsParams): () => void {
  const startMs = clock.now();
  let latestMs = startMs;
  const disarm = events.map(({ afterMs, event }) => {
    latestMs = Math.max(latestMs, startMs + afterMs);
    return clock.setTimer(latestMs, () => host.publish(event));
  });
  return () => {
    for (const stop of disarm) stop();
  };
}
