import {
  type ChildOutcome,
  EntryBody,
  type EntryKind,
  type HostItem,
  type JournalEntry,
  JournalMismatch,
  type Outcome,
  readHostItem,
} from "./entry.ts";
import type { Json } from "./json.ts";
import { type RandomState, randomStateOf } from "./random.ts";
import { readSnapshot, type Snapshot } from "./snapshot.ts";

/** An answer of the world in the order recorded; one at a time reaches the program. */
export type Delivery = { readonly seq: number; readonly atMs: number } & (
  | { readonly kind: "result"; readonly key: string; readonly outcome: Outcome }
  | { readonly kind: "fired"; readonly key: string }
  | { readonly kind: "inbox"; readonly item: HostItem }
);

/** Where a restored or recorded child stands. */
export interface RecordedChild {
  readonly digest: string;
  readonly outcome?: ChildOutcome;
}

/** The journal as replay needs it: the answers in order, the program's own words by key. */
export class Recorded {
  readonly deliveries: Delivery[] = [];
  readonly lastSeq: number;
  readonly lastAtMs: number;
  /** Number of the start or the snapshot. */
  readonly headSeq: number;
  readonly inboxSeen: number;
  /** Entries after the snapshot, and the length of their bodies. */
  readonly entries: number;
  readonly bytes: number;
  readonly random: RandomState | undefined;
  readonly snapshot: Snapshot | undefined;
  /** No entry follows the start or the snapshot: the program goes on live at once. */
  readonly isFresh: boolean;
  readonly #results = new Map<string, { readonly seq: number; readonly call: string; readonly digest: string }>();
  readonly #intents = new Map<string, { readonly seq: number; readonly digest: string }>();
  readonly #timers = new Map<string, number>();
  readonly #fired = new Set<string>();
  readonly #children = new Map<string, RecordedChild & { readonly seq: number }>();
  readonly #childCancels = new Set<string>();
  /** The answer after which a patch was recorded, by id; 0 for patches that a snapshot carries. */
  readonly patches = new Map<string, number>();
  /** Words of the program that this replay has not heard yet. */
  readonly #unclaimed = new Map<string, { readonly seq: number; readonly kind: EntryKind; readonly key: string }>();

  /** @throws {JournalMismatch} if an entry cannot be read */
  constructor(journal: readonly JournalEntry[]) {
    const first = journal.findLastIndex((entry) => entry.kind === "snapshot");
    const entries = first < 0 ? journal : journal.slice(first);
    this.lastSeq = journal.at(-1)?.seq ?? 0;
    this.lastAtMs = journal.at(-1)?.atMs ?? 0;
    this.headSeq = entries[0]?.seq ?? 1;
    this.entries = entries.length;
    this.bytes = entries.reduce((sum, entry) => sum + entry.body.length, 0);
    const head = entries[0];
    if (head?.kind === "snapshot") {
      this.snapshot = readSnapshot(new EntryBody(head));
      this.#restore(this.snapshot);
    }
    this.random = this.snapshot?.random ?? (head === undefined ? undefined : readSeed(head));
    this.isFresh = entries.length <= 1;
    for (const entry of entries.slice(1)) this.#read(entry);
    const items = this.deliveries.map((delivery) => (delivery.kind === "inbox" ? delivery.item.n : 0));
    this.inboxSeen = items.reduce((last, n) => Math.max(last, n), this.snapshot?.inboxSeen ?? 0);
  }

  get hasUnclaimed(): boolean {
    return this.#unclaimed.size > 0;
  }

  /** The first recorded word of the program that it did not repeat. */
  get firstUnclaimed(): JournalMismatch | undefined {
    const [entry] = this.#unclaimed.values();
    if (entry === undefined) return undefined;
    const expected = `the program to come to this ${entry.kind}`;
    return new JournalMismatch({ seq: entry.seq, key: entry.key, expected, found: "that it did not" });
  }

  /**
   * What the journal knows of an effect: its result comes as a delivery, or only its intent is there.
   *
   * @throws {JournalMismatch} if it was another call
   */
  claimEffect(key: string, call: string, digest: string): "result" | "intent" | undefined {
    const result = this.#results.get(key);
    const intent = this.#intents.get(key);
    const known = result ?? intent;
    if (known === undefined) return undefined;
    const expected = result === undefined ? known.digest : `${result.call} ${known.digest}`;
    const found = result === undefined ? digest : `${call} ${digest}`;
    if (expected !== found) throw new JournalMismatch({ seq: known.seq, key, expected, found });
    this.#unclaimed.delete(`result ${key}`);
    this.#unclaimed.delete(`intent ${key}`);
    return result === undefined ? "intent" : "result";
  }

  /** The deadline first recorded for a timer, and whether its firing is recorded too. */
  claimTimer(key: string): { readonly dueAtMs: number; readonly fired: boolean } | undefined {
    const dueAtMs = this.#timers.get(key);
    if (dueAtMs === undefined) return undefined;
    this.#unclaimed.delete(`timer ${key}`);
    return { dueAtMs, fired: this.#fired.has(key) };
  }

  /** @throws {JournalMismatch} if another child was started by this key */
  claimChild(key: string, digest: string): RecordedChild | undefined {
    const child = this.#children.get(key);
    if (child === undefined) return undefined;
    if (child.digest !== digest)
      throw new JournalMismatch({ seq: child.seq, key, expected: child.digest, found: digest });
    this.#unclaimed.delete(`child ${key}`);
    return child;
  }

  /** Whether the cancel of a child is on its way already. */
  hasChildCancel(key: string): boolean {
    return this.#childCancels.has(key);
  }

  /** Timers of a snapshot that the program does not open again keep nothing alive. */
  #restore(snapshot: Snapshot): void {
    for (const { key, dueAtMs } of snapshot.timers) this.#timers.set(key, dueAtMs);
    for (const { key, digest, outcome } of snapshot.children) {
      this.#children.set(key, { seq: 0, digest, ...(outcome === undefined ? {} : { outcome }) });
    }
    for (const id of snapshot.patches) this.patches.set(id, 0);
  }

  #read(entry: JournalEntry): void {
    const { seq, atMs, key, kind } = entry;
    const body = new EntryBody(entry);
    switch (kind) {
      case "result":
        this.#results.set(key, { seq, call: body.text("call"), digest: body.text("digest") });
        this.deliveries.push({ kind, seq, atMs, key, outcome: body.outcome() });
        return this.#await(entry);
      case "fired":
        this.#fired.add(key);
        this.deliveries.push({ kind, seq, atMs, key });
        return;
      case "inbox":
        this.deliveries.push({ kind, seq, atMs, item: readItem(body) });
        return;
      case "intent":
        this.#intents.set(key, { seq, digest: body.text("digest") });
        return this.#await(entry);
      case "timer":
        this.#timers.set(key, body.number("dueAtMs"));
        return this.#await(entry);
      case "child":
        this.#children.set(key, { seq, digest: body.text("digest") });
        return this.#await(entry);
      case "child_cancel":
        this.#childCancels.add(key);
        return;
      case "patch":
        this.patches.set(key, body.number("after"));
        return;
      case "start":
      case "snapshot":
      case "completed":
      case "failed":
      case "cancelled":
        throw new JournalMismatch({ seq, key, expected: "an entry of a running execution", found: kind });
    }
  }

  #await({ seq, kind, key }: JournalEntry): void {
    this.#unclaimed.set(`${kind} ${key}`, { seq, kind, key });
  }
}

/** Reads a journal; one that cannot be read counts as empty and says why. */
export function readJournal(journal: readonly JournalEntry[]): {
  recorded: Recorded;
  unreadable: JournalMismatch | undefined;
} {
  try {
    return { recorded: new Recorded(journal), unreadable: undefined };
  } catch (error) {
    if (!(error instanceof JournalMismatch)) throw error;
    return { recorded: new Recorded([]), unreadable: error };
  }
}

function readSeed(entry: JournalEntry): RandomState {
  const body = new EntryBody(entry);
  const state = entry.kind === "start" ? randomStateOf(body.text("seed")) : undefined;
  if (state !== undefined) return state;
  const expected = "a start with a seed of 32 hexadecimal digits, or a snapshot";
  throw new JournalMismatch({ seq: entry.seq, key: entry.key, expected, found: entry.kind });
}

function readItem(body: EntryBody): HostItem {
  const data: Json = body.json("data") ?? null;
  const item = readHostItem({ n: body.number("n"), kind: body.text("kind"), data });
  if (item !== undefined) return item;
  const { seq, key } = body.entry;
  throw new JournalMismatch({ seq, key, expected: "a known kind of inbox item", found: body.text("kind") });
}

/** An answer that the replayed program does not wait for. */
export function unasked({ seq, key, kind }: Delivery & { readonly key: string }): JournalMismatch {
  return new JournalMismatch({ seq, key, expected: `the program to wait for this ${kind}`, found: "that it does not" });
}

/** An end of a child that is none. */
export function unreadableChild(seq: number, data: Json): JournalMismatch {
  return new JournalMismatch({
    seq,
    key: "",
    expected: "the end of a child",
    found: JSON.stringify(data).slice(0, 120),
  });
}
