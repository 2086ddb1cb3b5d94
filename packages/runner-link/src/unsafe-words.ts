import type { EntryFrame, EventBatchFrame, EventFrame } from "@stigmer/api";
import type { JournalEntry, ReportedEvent } from "@stigmer/durable";
import { eventText } from "./frame-sizes.ts";

/** The lease that words belong to. */
export interface LeaseName {
  readonly execution: bigint;
  readonly epoch: number;
}

/** A journal entry as it goes out. */
interface OutgoingEntry extends LeaseName {
  readonly seq: bigint;
  readonly atMs: bigint;
  readonly kind: string;
  readonly key: string;
  readonly body: string;
  readonly events: EventFrame[];
}

/** Entries and reports of one lease that may be lost with the stream: kept until the server says that they are safe. */
export class UnsafeWords {
  readonly #lease: LeaseName;
  #entries: { readonly seq: number; readonly frame: OutgoingEntry }[] = [];
  /** Reports that no entry has taken along yet. */
  #waiting: EventFrame[] = [];
  /** Reports sent by themselves: safe with the first entry after them. */
  #batched: { readonly afterSeq: number; readonly events: EventFrame[] }[] = [];
  #lastSeq: number;

  constructor(lease: LeaseName, lastSeq: number) {
    this.#lease = lease;
    this.#lastSeq = lastSeq;
  }

  get hasEntries(): boolean {
    return this.#entries.length > 0;
  }

  get hasWaitingReports(): boolean {
    return this.#waiting.length > 0;
  }

  report(event: ReportedEvent): void {
    const { index, atMs, type, data } = event;
    this.#waiting.push({ index: BigInt(index), atMs: BigInt(Math.floor(atMs)), type, data: eventText(data) });
  }

  /** The entry's frame, with the reports before it. */
  append(entry: JournalEntry): EntryFrame {
    const frame: OutgoingEntry = {
      ...this.#lease,
      seq: BigInt(entry.seq),
      atMs: BigInt(Math.floor(entry.atMs)),
      kind: entry.kind,
      key: entry.key,
      body: entry.body,
      events: this.#waiting,
    };
    this.#waiting = [];
    this.#lastSeq = entry.seq;
    this.#entries.push({ seq: entry.seq, frame });
    return frame;
  }

  /** Reports that no entry followed; undefined if there is none. */
  takeBatch(): EventBatchFrame | undefined {
    if (this.#waiting.length === 0) return undefined;
    const events = this.#waiting;
    this.#waiting = [];
    this.#batched.push({ afterSeq: this.#lastSeq, events });
    return { ...this.#lease, events };
  }

  acknowledge(seq: number): void {
    const safe = this.#entries.findIndex((entry) => entry.seq > seq);
    if (safe !== 0) this.#entries = safe < 0 ? [] : this.#entries.slice(safe);
    if (this.#batched.length > 0) this.#batched = this.#batched.filter(({ afterSeq }) => afterSeq >= seq);
  }

  /** Everything for a new stream, lines in order: reports that were sent alone ride with the entry after them. */
  resend(): { readonly entries: readonly EntryFrame[]; readonly events: readonly EventBatchFrame[] } {
    const batched = [...this.#batched];
    const entries = this.#entries.map(({ seq, frame }) => {
      const before = takeWhile(batched, ({ afterSeq }) => afterSeq < seq);
      return before.length === 0
        ? frame
        : { ...frame, events: [...before.flatMap(({ events }) => events), ...frame.events] };
    });
    const rest = batched.flatMap(({ events }) => events);
    return { entries, events: rest.length === 0 ? [] : [{ ...this.#lease, events: rest }] };
  }
}

function takeWhile<T>(list: T[], test: (item: T) => boolean): T[] {
  const end = list.findIndex((item) => !test(item));
  return list.splice(0, end < 0 ? list.length : end);
}
