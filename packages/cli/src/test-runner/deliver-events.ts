import type { EventSpec, Json } from "@stigmer/dsl";
import type { MemoryHost, VirtualClock } from "@stigmer/durable";
import { scheduleEvents } from "../run/local-events.ts";
import { writtenMs } from "./mock-book.ts";

/** Where and when events of a test arrive. */
export interface DeliverEventsParams {
  readonly host: MemoryHost;
  readonly clock: VirtualClock;
  readonly events: readonly EventSpec[];
}

/**
 * Publishes the events of a test at their virtual times, in order.
 *
 * @returns stops what is still to come
 */
export function deliverEvents({ host, clock, events }: DeliverEventsParams): () => void {
  return scheduleEvents({
    host,
    // Timers of the host: an effect that really runs holds them back.
    clock: { now: () => clock.now(), setTimer: (atMs, fire) => clock.setHostTimer(atMs, fire) },
    events: events.map(({ after, afterMs, event }, index) => ({
      afterMs: afterMs ?? (after === undefined ? 0 : writtenMs(after)),
      event: completed(event, index),
    })),
  });
}

function completed(event: EventSpec["event"], index: number): Json {
  return { specversion: "1.0", source: "/test", id: `event-${index + 1}`, ...event };
}
