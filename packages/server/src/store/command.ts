import type { WriteConnection } from "./write-connection.ts";

/**
 * One kind of write, run by the writer thread inside the transaction of its group. Parameters and result are plain data
 * that can cross a thread border. A command reads, decides and writes in one piece: nothing runs between. It throws to
 * undo itself alone; the rest of its group goes on.
 */
export type Command<P, R> = (db: WriteConnection, params: P) => R;

/** A table of commands by name. */
// biome-ignore lint/suspicious/noExplicitAny: the one place where commands of all parameter types meet
export type CommandTable = Readonly<Record<string, Command<any, any>>>;

/** A large value that must be in `data/blobs`, with its folder entry, before the group of its command commits. */
export interface BlobFile {
  /** `sha256:` and 64 hexadecimal digits. */
  readonly digest: string;
  readonly bytes: Uint8Array;
}

/** A command on its way to the writer. */
export interface CommandCall {
  readonly name: string;
  readonly params: unknown;
  readonly files?: readonly BlobFile[];
}

/** Why the writer refused a command or a whole group. */
export interface WriteFailure {
  /** DISK_FULL, DATA_CORRUPT, DATA_NOT_WRITABLE or INTERNAL. */
  readonly reason: "DISK_FULL" | "DATA_CORRUPT" | "DATA_NOT_WRITABLE" | "INTERNAL";
  readonly message: string;
  /** SQLite's extended result code or the system's error name, when there is one. */
  readonly code?: string;
}

/** What became of one command. */
export type CommandOutcome =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly failure: WriteFailure };

/** What became of a group: on disk with an outcome per command, or lost as a whole. */
export type GroupOutcome =
  | { readonly committed: true; readonly outcomes: readonly CommandOutcome[] }
  | { readonly committed: false; readonly failure: WriteFailure };
