import type { WriteConnection } from "../write-connection.ts";
import { deliver } from "./inbox.ts";
import { type StoredValue, storeValue } from "./stored-value.ts";
import { runTurn, type Slot, type Turn, type WithConsequences } from "./turn.ts";

/** A CloudEvent to publish. */
export interface PublishedEvent {
  readonly source: string;
  readonly id: string;
  readonly type: string;
  /** JSON text of the whole event. */
  readonly event: StoredValue;
  /** JSON texts of its attributes by name, for filters. */
  readonly attributes: Readonly<Record<string, string>>;
}

/** Parameters of `publishEvent`. */
export interface PublishEventParams {
  readonly nowMs: number;
  readonly event: PublishedEvent;
  readonly slots?: readonly Slot[];
}

/** `accepted` is false for an event that was published before. */
export interface PublishEventResult {
  readonly accepted: boolean;
  readonly delivered: number;
}

/** Owner of the blobs of published events. */
const PUBLISHED = 0;

/** Publishes an event: kept for a day, and a copy for every execution that listens. */
export function publishEvent(db: WriteConnection, params: PublishEventParams): WithConsequences<PublishEventResult> {
  return runTurn(db, params.nowMs, params.slots, (turn) => publish(turn, params.event));
}

/** The same inside another command, such as an `emit` of a workflow. */
export function publish(turn: Turn, event: PublishedEvent): PublishEventResult {
  const { db, nowMs } = turn;
  const known = db.get<{ delivered: number }>(
    "select delivered from published where source = ? and id = ?",
    event.source,
    event.id,
  );
  if (known) return { accepted: false, delivered: known.delivered };
  const [text, blob] = storeValue(db, PUBLISHED, event.event, nowMs);
  const delivered = deliverToListeners(turn, event);
  db.run(
    "insert into published(source, id, at, event, blob, delivered) values (?,?,?,?,?,?)",
    event.source,
    event.id,
    nowMs,
    text,
    blob,
    delivered,
  );
  return { accepted: true, delivered };
}

function deliverToListeners(turn: Turn, event: PublishedEvent): number {
  const dedupe = `event ${JSON.stringify([event.source, event.id])}`;
  let delivered = 0;
  for (const no of listeners(turn.db, event)) {
    const row = turn.row(no);
    if (row && deliver(turn, row, { kind: "event", data: event.event, dedupe })) delivered++;
  }
  return delivered;
}

function listeners(db: WriteConnection, event: PublishedEvent): readonly number[] {
  const matching = new Set<number>();
  for (const type of ["", event.type]) {
    const found = db.all<{ execution: number; filter: string }>(
      "select execution, filter from subscription where type = ? order by execution",
      type,
    );
    for (const { execution, filter } of found) if (matches(filter, event.attributes)) matching.add(execution);
  }
  return [...matching].sort((a, b) => a - b);
}

/** Filters and attributes are compared by their JSON texts: literals are scalars. */
function matches(filter: string, attributes: Readonly<Record<string, string>>): boolean {
  if (filter === "{}") return true;
  const wanted: Readonly<Record<string, unknown>> = JSON.parse(filter);
  return Object.entries(wanted).every(([name, value]) => attributes[name] === JSON.stringify(value));
}
