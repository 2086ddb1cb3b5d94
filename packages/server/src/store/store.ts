import { StigmerError } from "@stigmer/api";
import type { BlobFiles } from "./blob-files.ts";
import type { BlobFile, CommandOutcome, WriteFailure } from "./command.ts";
import type { CommandName, CommandParams, CommandResult } from "./commands.ts";
import type { CommitterStats, GroupCommitter } from "./group-committer.ts";
import type { ReadConnection } from "./read-connection.ts";

/** What rides with a write beside its parameters. */
export interface WriteExtras {
  /** Large values that are on disk before the command commits. */
  readonly files?: readonly BlobFile[];
  /** Estimated size of the parameters; groups are capped by it. Default 256. */
  readonly sizeBytes?: number;
}

/**
 * The server's database. Writes are commands by name, run by the writer in groups that share one fsync; they resolve
 * when they are on disk. Reads go to a connection of their own and see what is on disk.
 */
export interface Store {
  /**
   * Runs a command and resolves with its result when it is on disk.
   *
   * @throws {StigmerError} DISK_FULL, DATA_CORRUPT, DATA_NOT_WRITABLE or INTERNAL; nothing of the command is written then
   */
  write<N extends CommandName>(name: N, params: CommandParams<N>, extras?: WriteExtras): Promise<CommandResult<N>>;
  /** The same without a promise, for hot paths: `settle` runs in the order of the calls. */
  submit<N extends CommandName>(
    name: N,
    params: CommandParams<N>,
    extras: WriteExtras,
    settle: (result: Settled<CommandResult<N>>) => void,
  ): void;
  readonly read: ReadConnection;
  readonly blobFiles: Pick<BlobFiles, "read" | "list">;
  /** Runs after each group, when all of its commands are settled. */
  afterGroup(listener: () => void): void;
  /** Runs once when a group was lost. The process must end then: memory and disk no longer agree. */
  onFailure(listener: (error: StigmerError) => void): void;
  /** Resolves when nothing is on its way to the disk. */
  idle(): Promise<void>;
  stats(): CommitterStats;
  /** Waits for pending writes, empties the log into the database and gives the lock back. */
  close(): Promise<void>;
}

/** What became of a submitted command. */
export type Settled<R> =
  | { readonly ok: true; readonly value: R }
  | { readonly ok: false; readonly error: StigmerError };

/** What a store is made of. */
export interface StoreParts {
  readonly committer: GroupCommitter;
  readonly read: ReadConnection;
  readonly blobFiles: Pick<BlobFiles, "read" | "list">;
  readonly close: () => Promise<void>;
}

const DEFAULT_SIZE_BYTES = 256;

/** Puts the parts together. */
export function createStore(parts: StoreParts): Store {
  const { committer } = parts;
  const store: Store = {
    write: (name, params, extras = {}) =>
      new Promise((resolve, reject) => {
        store.submit(name, params, extras, (result) => (result.ok ? resolve(result.value) : reject(result.error)));
      }),
    submit: (name, params, extras, settle) => {
      const call = extras.files ? { name, params, files: extras.files } : { name, params };
      committer.add(call, extras.sizeBytes ?? DEFAULT_SIZE_BYTES, (outcome) => settle(settled(name, outcome)));
    },
    read: parts.read,
    blobFiles: parts.blobFiles,
    afterGroup: (listener) => committer.afterGroup(listener),
    onFailure: (listener) => committer.onFailure((failure) => listener(storeError("write the database", failure))),
    idle: () => committer.idle(),
    stats: () => committer.stats(),
    close: async () => {
      await committer.idle();
      await parts.close();
    },
  };
  return store;
}

function settled<R>(name: string, outcome: CommandOutcome): Settled<R> {
  if (!outcome.ok) return { ok: false, error: storeError(`run the write "${name}"`, outcome.failure) };
  // The table of commands types both ends; between them the value crossed a thread border unchanged.
  return { ok: true, value: outcome.value as R };
}

function storeError(action: string, failure: WriteFailure): StigmerError {
  const code = failure.code ? ` (${failure.code})` : "";
  return new StigmerError({ reason: failure.reason, message: `Cannot ${action}: ${failure.message}${code}.` });
}
