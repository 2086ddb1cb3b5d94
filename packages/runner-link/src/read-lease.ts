import type { EntryFrame, ItemFrame } from "@stigmer/api";
import { type EntryKind, type HostItem, type JournalEntry, type Json, readHostItem } from "@stigmer/durable";

/** A lease's journal as an activation reads it; unknown kinds are left for it to refuse. */
export function readJournalFrames(frames: readonly EntryFrame[]): JournalEntry[] {
  return frames.map((frame) => ({
    seq: Number(frame.seq ?? 0),
    atMs: Number(frame.atMs ?? 0),
    kind: readKind(frame.kind ?? ""),
    key: frame.key ?? "",
    body: frame.body ?? "",
  }));
}

/** A lease's inbox; items of unknown kinds are passed over. */
export function readItems(frames: readonly ItemFrame[]): HostItem[] {
  return frames.flatMap((frame) => {
    const item = readHostItem({
      n: Number(frame.n ?? 0),
      kind: frame.kind ?? "",
      data: readInput(frame.data ?? "null"),
    });
    return item === undefined ? [] : [item];
  });
}

/** @throws {SyntaxError} if the text is no JSON */
export function readInput(text: string): Json {
  return JSON.parse(text === "" ? "null" : text);
}

const KINDS: readonly EntryKind[] = [
  "start",
  "intent",
  "result",
  "timer",
  "fired",
  "inbox",
  "child",
  "child_cancel",
  "patch",
  "snapshot",
  "completed",
  "failed",
  "cancelled",
];

/** @throws {SyntaxError} if a later version wrote a kind that this one does not know */
function readKind(kind: string): EntryKind {
  const known = KINDS.find((one) => one === kind);
  if (known === undefined) throw new SyntaxError(`the journal holds an entry of unknown kind "${kind}"`);
  return known;
}
