import type { ActivationPort } from "./activation-port.ts";
import type { EntryKind } from "./entry.ts";

/** Numbers the entries of one execution and knows which of them are safe. */
export class JournalWriter {
  readonly #port: ActivationPort;
  #lastSeq: number;
  #lastAtMs: number;
  #lastFactSeq: number;
  #ackedSeq: number;
  #since = { entries: 0, bytes: 0 };

  constructor(
    port: ActivationPort,
    recorded: { readonly lastSeq: number; readonly lastAtMs: number; readonly entries: number; readonly bytes: number },
  ) {
    this.#port = port;
    this.#lastSeq = recorded.lastSeq;
    this.#lastFactSeq = recorded.lastSeq;
    this.#ackedSeq = recorded.lastSeq;
    this.#lastAtMs = recorded.lastAtMs;
    this.#since = { entries: recorded.entries, bytes: recorded.bytes };
  }

  get lastSeq(): number {
    return this.#lastSeq;
  }

  /** Last entry that a later touch of the world may depend on: a lost timer or snapshot is made again the same. */
  get lastFactSeq(): number {
    return this.#lastFactSeq;
  }

  get ackedSeq(): number {
    return this.#ackedSeq;
  }

  /** What was appended since the last snapshot. */
  get since(): { readonly entries: number; readonly bytes: number } {
    return this.#since;
  }

  append(kind: EntryKind, key: string, body: string): { readonly seq: number; readonly atMs: number } {
    this.#lastSeq++;
    this.#lastAtMs = Math.max(this.#lastAtMs, this.#port.now());
    const at = { seq: this.#lastSeq, atMs: this.#lastAtMs };
    if (kind !== "timer" && kind !== "snapshot") this.#lastFactSeq = at.seq;
    const { entries, bytes } = this.#since;
    this.#since = kind === "snapshot" ? { entries: 0, bytes: 0 } : { entries: entries + 1, bytes: bytes + body.length };
    this.#port.append({ ...at, kind, key, body });
    return at;
  }

  acknowledge(seq: number): void {
    this.#ackedSeq = Math.max(this.#ackedSeq, seq);
  }
}
