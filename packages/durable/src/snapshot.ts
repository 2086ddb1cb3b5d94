import type { InboxItem } from "./durable.ts";
import {
  type ChildOutcome,
  type EntryBody,
  isList,
  isMap,
  JOURNAL_VERSION,
  JournalMismatch,
  type Outcome,
  readChildOutcome,
  readHostItem,
  readOutcome,
} from "./entry.ts";
import type { Json } from "./json.ts";
import type { RandomState } from "./random.ts";

/**
 * An answer that was given in the turn of a snapshot: another branch may not have heard it when the state was taken,
 * so it travels along and is given again if the restored program asks again.
 */
export type GivenAnswer =
  | { readonly kind: "result"; readonly key: string; readonly digest: string; readonly outcome: Outcome }
  | { readonly kind: "fired"; readonly key: string }
  | { readonly kind: "item"; readonly key: string; readonly item: InboxItem };

/** Everything that replaces the journal before it. */
export interface Snapshot {
  readonly state: Json;
  readonly nowMs: number;
  readonly random: RandomState;
  readonly reports: number;
  readonly inboxSeen: number;
  readonly buffered: readonly InboxItem[];
  readonly timers: readonly { readonly key: string; readonly dueAtMs: number }[];
  readonly children: readonly { readonly key: string; readonly digest: string; readonly outcome?: ChildOutcome }[];
  readonly patches: readonly string[];
  readonly answers: readonly GivenAnswer[];
}

/** Body of a snapshot's entry. */
export function snapshotBody(snapshot: Snapshot): string {
  return JSON.stringify({ v: JOURNAL_VERSION, ...snapshot });
}

/** @throws {JournalMismatch} if a member is missing or of another type */
export function readSnapshot(body: EntryBody): Snapshot {
  const fail = (found: string): never => {
    const { seq, key } = body.entry;
    throw new JournalMismatch({ seq, key, expected: "a complete snapshot", found });
  };
  const each = <T>(name: string, read: (value: Json) => T | undefined): T[] =>
    body.list(name).map((value) => read(value) ?? fail(`${name} with ${JSON.stringify(value).slice(0, 80)}`));
  const words = each("random", (value) => (typeof value === "number" ? value : undefined));
  return {
    state: body.json("state") ?? null,
    nowMs: body.number("nowMs"),
    random: [words[0] ?? 0, words[1] ?? 0, words[2] ?? 0, words[3] ?? 0],
    reports: body.number("reports"),
    inboxSeen: body.number("inboxSeen"),
    buffered: each("buffered", readProgramItem),
    timers: each("timers", readTimer),
    children: each("children", readChild),
    patches: each("patches", (value) => (typeof value === "string" ? value : undefined)),
    answers: each("answers", readAnswer),
  };
}

function readTimer(value: Json): { key: string; dueAtMs: number } | undefined {
  if (!isMap(value) || typeof value.key !== "string" || typeof value.dueAtMs !== "number") return undefined;
  return { key: value.key, dueAtMs: value.dueAtMs };
}

function readChild(value: Json): { key: string; digest: string; outcome?: ChildOutcome } | undefined {
  if (!isMap(value) || typeof value.key !== "string" || typeof value.digest !== "string") return undefined;
  const outcome = readChildOutcome(value.outcome);
  return { key: value.key, digest: value.digest, ...(outcome === undefined ? {} : { outcome }) };
}

function readAnswer(value: Json): GivenAnswer | undefined {
  if (!isMap(value) || typeof value.key !== "string") return undefined;
  const { key } = value;
  if (value.kind === "fired") return { kind: "fired", key };
  const item = value.kind === "item" ? readProgramItem(value.item ?? null) : undefined;
  if (item !== undefined) return { kind: "item", key, item };
  const outcome = value.kind === "result" ? readOutcome(value.outcome) : undefined;
  if (outcome === undefined || typeof value.digest !== "string") return undefined;
  return { kind: "result", key, digest: value.digest, outcome };
}

function readProgramItem(value: Json): InboxItem | undefined {
  const item = readHostItem(value);
  if (item === undefined || isList(value)) return undefined;
  const { n, kind, data } = item;
  return kind === "event" || kind === "message" || kind === "decision" ? { n, kind, data } : undefined;
}

/** Whether a snapshot is worth it when the host has no opinion: 200 entries or 256 KB since the last one. */
export function isSnapshotDue({ entries, bytes }: { readonly entries: number; readonly bytes: number }): boolean {
  return entries >= 200 || bytes >= 256 * 1024;
}
