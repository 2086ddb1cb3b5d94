import type { EntryFrame, EventBatchFrame, EventFrame, RunnerFrame } from "@stigmer/api";
import type { Json } from "@stigmer/durable";

/** Largest body of a journal entry, bytes: an entry must fit into one message of the server with room to spare. */
export const MAX_ENTRY_BYTES = 12 << 20;
/** Largest data of a reported line, characters. What is larger stands in the journal; the line says that it was cut. */
const MAX_EVENT_CHARS = 256 << 10;
/** Members of a line that is cut are kept up to this size, characters. */
const MAX_MEMBER_CHARS = 4 << 10;
/** A frame takes no more once it has so many characters. */
const FULL_FRAME_CHARS = 2 << 20;

/** The data of a line as text; of data that is too large only the small members are kept, and `truncated` names the rest. */
export function eventText(data: Json): string {
  const text = JSON.stringify(data);
  if (text.length <= MAX_EVENT_CHARS) return text;
  if (typeof data !== "object" || data === null || Array.isArray(data)) return '{"truncated":[]}';
  const sizes = Object.entries(data).map(([name, value]) => [name, JSON.stringify(value).length] as const);
  const large = new Set(sizes.filter(([, size]) => size > MAX_MEMBER_CHARS).map(([name]) => name));
  const small = Object.fromEntries(Object.entries(data).filter(([name]) => !large.has(name)));
  return JSON.stringify({ ...small, truncated: [...large] });
}

/** True when the body cannot go to the server. */
export function isTooLarge(body: string): boolean {
  // A character takes one to three bytes: most bodies need no counting.
  return body.length * 3 > MAX_ENTRY_BYTES && Buffer.byteLength(body) > MAX_ENTRY_BYTES;
}

/** One frame as several that the server takes, nothing out of order; nearly always the frame itself. */
export function splitFrame(frame: RunnerFrame): readonly RunnerFrame[] {
  const { hello, entries = [], events = [], parks = [], releases = [], tokens = [] } = frame;
  if (sizeOf(entries, events) <= FULL_FRAME_CHARS) return [frame];
  const pieces = new Pieces();
  for (const entry of entries) pieces.addEntry(entry);
  for (const batch of events) pieces.addLines(batch);
  return pieces.frames.map((piece, at) => ({
    ...piece,
    ...(at === 0 && hello !== undefined ? { hello } : {}),
    ...(at === pieces.frames.length - 1 ? { parks, releases, tokens } : {}),
  }));
}

/** Frames that are filled one after another. */
class Pieces {
  readonly frames: { entries: EntryFrame[]; events: EventBatchFrame[] }[] = [];
  #size = Number.POSITIVE_INFINITY;

  addEntry(entry: EntryFrame): void {
    const lines = entry.events ?? [];
    if (linesSize(lines) <= FULL_FRAME_CHARS) {
      this.#frameFor(entrySize(entry)).entries.push(entry);
      return;
    }
    // Lines that would not fit beside their entry go before it, as if they had been sent alone.
    const { execution = 0n, epoch = 0, seq = 0n, atMs = 0n, kind = "", key = "", body = "" } = entry;
    this.addLines({ execution, epoch, events: lines });
    this.#size = Number.POSITIVE_INFINITY;
    this.#frameFor(body.length).entries.push({ execution, epoch, seq, atMs, kind, key, body, events: [] });
  }

  addLines({ execution = 0n, epoch = 0, events = [] }: EventBatchFrame): void {
    for (const lines of chunks(events)) {
      this.#frameFor(linesSize(lines)).events.push({ execution, epoch, events: lines });
    }
  }

  #frameFor(size: number): { entries: EntryFrame[]; events: EventBatchFrame[] } {
    const open = this.#size + size <= FULL_FRAME_CHARS ? this.frames.at(-1) : undefined;
    this.#size = open === undefined ? size : this.#size + size;
    if (open !== undefined) return open;
    const fresh = { entries: [], events: [] };
    this.frames.push(fresh);
    return fresh;
  }
}

function chunks(lines: readonly EventFrame[]): readonly EventFrame[][] {
  const all: EventFrame[][] = [];
  let size = Number.POSITIVE_INFINITY;
  for (const line of lines) {
    const own = line.data?.length ?? 0;
    if (size + own > FULL_FRAME_CHARS) {
      all.push([]);
      size = 0;
    }
    all.at(-1)?.push(line);
    size += own;
  }
  return all;
}

function sizeOf(entries: readonly EntryFrame[], events: readonly EventBatchFrame[]): number {
  let size = 0;
  for (const entry of entries) size += entrySize(entry);
  for (const batch of events) size += linesSize(batch.events ?? []);
  return size;
}

function entrySize({ body, events }: EntryFrame): number {
  return (body?.length ?? 0) + linesSize(events ?? []);
}

function linesSize(lines: readonly EventFrame[]): number {
  let size = 0;
  for (const { data } of lines) size += data?.length ?? 0;
  return size;
}
