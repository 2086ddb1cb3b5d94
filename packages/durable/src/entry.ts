import type { Failure } from "./failure.ts";
import type { Json } from "./json.ts";

/**
 * What a journal entry records. `start`, `fired`, `result` and `inbox` are answers of the world; `intent`, `timer`,
 * `child`, `child_cancel` and `patch` are words of the program; `snapshot` replaces everything before it;
 * `completed`, `failed` and `cancelled` are the end.
 */
export type EntryKind =
  | "start"
  | "intent"
  | "result"
  | "timer"
  | "fired"
  | "inbox"
  | "child"
  | "child_cancel"
  | "patch"
  | "snapshot"
  | "completed"
  | "failed"
  | "cancelled";

/** One fact of an execution. `seq` counts from 1 without gaps; `body` is JSON text with a member `v`. */
export interface JournalEntry {
  readonly seq: number;
  readonly atMs: number;
  readonly kind: EntryKind;
  readonly key: string;
  readonly body: string;
}

/** A line of the event log. `index` counts the program's reports from 1, so that a replay writes none twice. */
export interface ReportedEvent {
  readonly index: number;
  readonly atMs: number;
  readonly type: string;
  readonly data: Json;
}

/** An item of the execution's inbox as a host delivers it; `child`, `cancel`, `pause` and `resume` are for the host. */
export interface HostItem {
  /** Position in the execution's inbox, from 1. */
  readonly n: number;
  readonly kind: "event" | "message" | "decision" | "child" | "cancel" | "pause" | "resume";
  readonly data: Json;
}

/** How a touch of the world ended. */
export type Outcome = { readonly ok: Json } | { readonly failure: Failure };

/** How a child that is waited for ended: the data of an inbox item of kind `child` is `{key, outcome}`. */
export type ChildOutcome = Outcome | { readonly cancelled: true };

/** Version of the entries' format that this package writes. */
export const JOURNAL_VERSION = 1;

/** The journal says one thing and the program another: the execution is suspended, nothing is guessed. */
export class JournalMismatch extends Error {
  /** Number of the entry, 0 when the journal as a whole cannot be read. */
  readonly seq: number;
  readonly key: string;
  readonly expected: string;
  readonly found: string;

  constructor(mismatch: {
    readonly seq: number;
    readonly key: string;
    readonly expected: string;
    readonly found: string;
  }) {
    super(
      `Cannot replay entry ${mismatch.seq} ("${mismatch.key}"): expected ${mismatch.expected}, found ${mismatch.found}`,
    );
    this.name = "JournalMismatch";
    this.seq = mismatch.seq;
    this.key = mismatch.key;
    this.expected = mismatch.expected;
    this.found = mismatch.found;
  }
}

/**
 * Body of the first entry.
 *
 * @param seed 128 random bits as 32 hexadecimal digits
 */
export function startBody(seed: string): string {
  return JSON.stringify({ v: JOURNAL_VERSION, seed });
}

/** The members of an entry's body, read with checks. */
export class EntryBody {
  readonly entry: JournalEntry;
  readonly #members: { readonly [key: string]: Json };

  /** @throws {JournalMismatch} if the body is no JSON object of a version that this program reads */
  constructor(entry: JournalEntry) {
    this.entry = entry;
    const value = parseJson(entry.body);
    if (!isMap(value)) throw this.#mismatch("a JSON object");
    if (value.v !== JOURNAL_VERSION) throw this.#mismatch(`format version ${JOURNAL_VERSION}`);
    this.#members = value;
  }

  json(name: string): Json | undefined {
    return this.#members[name];
  }

  text(name: string): string {
    const value = this.#members[name];
    if (typeof value !== "string") throw this.#mismatch(`a text "${name}"`);
    return value;
  }

  number(name: string): number {
    const value = this.#members[name];
    if (typeof value !== "number") throw this.#mismatch(`a number "${name}"`);
    return value;
  }

  list(name: string): readonly Json[] {
    const value = this.#members[name];
    if (!isList(value)) throw this.#mismatch(`a list "${name}"`);
    return value;
  }

  outcome(): Outcome {
    const outcome = readOutcome(this.#members);
    if (outcome === undefined) throw this.#mismatch(`"ok" or a "failure"`);
    return outcome;
  }

  failure(): Failure {
    const failure = readFailure(this.#members.failure);
    if (failure === undefined) throw this.#mismatch(`a "failure"`);
    return failure;
  }

  #mismatch(expected: string): JournalMismatch {
    const { seq, key, kind, body } = this.entry;
    return new JournalMismatch({ seq, key, expected: `${expected} in "${kind}"`, found: body.slice(0, 120) });
  }
}

/** Reads `{ok}` or `{failure}`; undefined if it is neither. */
export function readOutcome(value: Json | undefined): Outcome | undefined {
  if (!isMap(value)) return undefined;
  const failure = readFailure(value.failure);
  if (failure !== undefined) return { failure };
  return value.ok === undefined ? undefined : { ok: value.ok };
}

/** Reads the outcome of a child; undefined if it is none. */
export function readChildOutcome(value: Json | undefined): ChildOutcome | undefined {
  if (isMap(value) && value.cancelled === true) return { cancelled: true };
  return readOutcome(value);
}

/** Reads a failure from plain data; undefined if `type` or `status` is missing. */
export function readFailure(value: Json | undefined): Failure | undefined {
  if (!isMap(value)) return undefined;
  const { type, status, title, detail, instance, data, retryable } = value;
  if (typeof type !== "string" || typeof status !== "number") return undefined;
  return {
    type,
    status,
    ...(typeof title === "string" ? { title } : {}),
    ...(typeof detail === "string" ? { detail } : {}),
    ...(typeof instance === "string" ? { instance } : {}),
    ...(data === undefined ? {} : { data }),
    ...(typeof retryable === "boolean" ? { retryable } : {}),
  };
}

/** Reads an item of an inbox from plain data; undefined if it is none. */
export function readHostItem(value: Json | undefined): HostItem | undefined {
  if (!isMap(value) || typeof value.n !== "number") return undefined;
  const kind = HOST_ITEM_KINDS.find((known) => known === value.kind);
  return kind === undefined ? undefined : { n: value.n, kind, data: value.data ?? null };
}

const HOST_ITEM_KINDS = ["event", "message", "decision", "child", "cancel", "pause", "resume"] as const;

/** True for a JSON object. */
export function isMap(value: Json | undefined): value is { readonly [key: string]: Json } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** True for a JSON array. */
export function isList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}

function parseJson(text: string): Json | undefined {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
