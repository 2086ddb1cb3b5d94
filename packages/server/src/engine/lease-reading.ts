import type { EntryFrame, ItemFrame, LeaseFrame } from "@stigmer/api";
import { STATE } from "../store/engine/execution-row.ts";
import { countDeaths } from "../store/engine/lease.ts";
import type { Store } from "../store/store.ts";
import { type JournalSeal, openBody } from "./journal-seal.ts";
import { readItemText, readText } from "./values.ts";

interface LeaseRow {
  readonly id: string;
  readonly program: string;
  readonly program_version: number;
  readonly namespace: string;
  readonly definition: string;
  readonly input: string | null;
  readonly input_blob: string | null;
  readonly state: number;
  readonly epoch: number;
  readonly reported: number;
  readonly inbox_seen: number;
  readonly paused: number;
  readonly deaths: number;
  readonly created_at: number;
}

interface EntryRow {
  readonly seq: number;
  readonly at: number;
  readonly kind: string;
  readonly key: string;
  readonly body: string | null;
  readonly blob: string | null;
}

interface ItemRow {
  readonly n: number;
  readonly kind: string;
  readonly at: number;
  readonly data: string | null;
  readonly blob: string | null;
}

/**
 * Reads everything that a runner needs to carry an execution; undefined when it is not to be carried. Large values are
 * put in, sealed ones are opened.
 *
 * @throws {Error} if something of it cannot be read
 */
export function readLease(store: Store, no: number, seal?: JournalSeal): LeaseFrame | undefined {
  const row = store.read.get<LeaseRow>(
    "select id, program, program_version, namespace, definition, input, input_blob, state, epoch, reported, inbox_seen, paused, deaths, created_at from execution where no = ?",
    no,
  );
  if (row?.state !== STATE.ready) return undefined;
  return {
    execution: BigInt(no),
    epoch: row.epoch,
    executionId: row.id,
    program: row.program,
    programVersion: row.program_version,
    input: programInput(store, row),
    journal: readJournal(store, no, row, seal),
    reported: BigInt(row.reported),
    inbox: readItems(store, no, row.inbox_seen),
    namespace: row.namespace,
    paused: row.paused === 1,
    deaths: countDeaths(row.deaths),
  };
}

/** Inbox items above `after`, in order. */
export function readItems(store: Store, no: number, after: number): ItemFrame[] {
  return store.read
    .all<ItemRow>("select n, kind, at, data, blob from inbox where execution = ? and n > ? order by n", no, after)
    .map((item) => itemFrame(store, item));
}

/** An inbox item as it goes to the runner. */
export function itemFrame(store: Store, item: ItemRow): ItemFrame {
  return { n: BigInt(item.n), kind: item.kind, data: readItemText(store, item.data, item.blob), atMs: BigInt(item.at) };
}

function readJournal(store: Store, no: number, { id, epoch }: LeaseRow, seal?: JournalSeal): EntryFrame[] {
  return store.read
    .all<EntryRow>("select seq, at, kind, key, body, blob from journal where execution = ? order by seq", no)
    .map((entry) => ({
      execution: BigInt(no),
      epoch,
      seq: BigInt(entry.seq),
      atMs: BigInt(entry.at),
      kind: entry.kind,
      key: entry.key,
      body: openBody(seal, { executionId: id, seq: entry.seq }, readText(store, entry.body, entry.blob)),
    }));
}

/** Definition and execution come first, then what was given at the start; joined as texts, nothing is parsed. */
function programInput(store: Store, row: LeaseRow): string {
  const definition = readText(store, null, row.definition);
  const execution = JSON.stringify({ id: row.id, namespace: row.namespace, startedAtMs: row.created_at });
  const rest = readText(store, row.input, row.input_blob);
  const members = rest === "{}" ? "" : `,${rest.slice(1, -1)}`;
  return `{"definition":${definition},"execution":${execution}${members}}`;
}
