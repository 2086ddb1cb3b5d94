import type { PruneCursor, PruneResult } from "../store/engine/prune.ts";
import type { Store } from "../store/store.ts";
import type { Clock } from "./clock.ts";

/** How long what is kept. Nothing that has not ended is ever removed. */
export interface RetentionPolicy {
  /** Journals and inboxes of finished executions; default 7 days. */
  readonly journalMs: number;
  /** Finished executions and their events; default 30 days. */
  readonly executionMs: number;
  /** Published events; default 24 hours. */
  readonly publishedMs: number;
  /** Idempotency keys at least; default 7 days. */
  readonly keyMs: number;
  /** Size of database and blobs above which the oldest finished executions go; default 10 GB. */
  readonly maxBytes: number;
  /** Unnamed blobs younger than this stay; default 1 hour. */
  readonly blobGraceMs: number;
}

const HOUR_MS = 3_600_000;

/** The product's defaults. */
export const DEFAULT_RETENTION: RetentionPolicy = {
  journalMs: 7 * 24 * HOUR_MS,
  executionMs: 30 * 24 * HOUR_MS,
  publishedMs: 24 * HOUR_MS,
  keyMs: 7 * 24 * HOUR_MS,
  maxBytes: 10 * 1_024 ** 3,
  blobGraceMs: HOUR_MS,
};

/** What retention works with. */
export interface RetentionOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly policy?: Partial<RetentionPolicy>;
  /** Executions are gone; their workspaces may go too. */
  readonly onRemoved?: (ids: readonly string[]) => void;
  /** Time between two passes; default one minute. */
  readonly everyMs?: number;
}

/** What one pass did. */
export interface RetentionPass {
  readonly rows: number;
  readonly executions: number;
  readonly blobs: number;
}

/** Rows that one slice removes: about a millisecond of the writer. */
const SLICE_ROWS = 200;

/** Blobs that one slice looks at. */
const SLICE_BLOBS = 100;

/** Pages that one slice gives back. */
const SLICE_PAGES = 100;

const BEGIN: PruneCursor = { endedAtMs: 0, no: 0 };

/**
 * Removes what is old enough, in slices so small that the writer is never kept longer than a few milliseconds. A pass
 * that is cut off goes on at the next start: it works on what is there.
 */
export class Retention {
  readonly policy: RetentionPolicy;
  readonly #options: RetentionOptions;
  #disarm: (() => void) | undefined;
  #isStopped = false;
  #pass: Promise<unknown> = Promise.resolve();
  #journalCursor = BEGIN;
  #hasLooked = false;

  constructor(options: RetentionOptions) {
    this.#options = options;
    this.policy = { ...DEFAULT_RETENTION, ...options.policy };
  }

  /** Begins the first pass soon and the next ones after it. `onError` hears why a pass was cut off. */
  start(onError: (error: unknown) => void): void {
    const { clock, everyMs = 60_000 } = this.#options;
    if (this.#isStopped) return;
    this.#disarm = clock.after(everyMs, () => {
      this.#pass = this.run().catch(onError);
      void this.#pass.then(() => this.start(onError));
    });
  }

  /** Resolves when the pass under way has ended, after its current slice. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#disarm?.();
    await this.#pass;
  }

  /** One pass over everything. */
  async run(): Promise<RetentionPass> {
    const { store, clock } = this.#options;
    const now = clock.now();
    const { policy } = this;
    let rows = await this.#pruneJournals(now - policy.journalMs);
    const old = await this.#pruneExecutions(now - policy.executionMs, () => true);
    // Younger ones would give nothing back yet: their blobs stay for the grace.
    const large = await this.#pruneExecutions(now - policy.blobGraceMs, () => this.sizeBytes() > policy.maxBytes);
    rows += old.rows + large.rows;
    rows += await this.#whileFull(() =>
      store.write("prunePublished", { beforeMs: now - policy.publishedMs, maxRows: SLICE_ROWS }),
    );
    rows += await this.#whileFull(() =>
      store.write("pruneKeys", { beforeMs: now - policy.keyMs, maxRows: SLICE_ROWS }),
    );
    const blobs = await this.#sweep(now - policy.blobGraceMs);
    await this.#shrink();
    return { rows, executions: old.executions + large.executions, blobs };
  }

  /** Bytes of the database that are in use, and of the blob files. */
  sizeBytes(): number {
    const { read } = this.#options.store;
    const number = (sql: string): number => Number(Object.values(read.get<Record<string, number>>(sql) ?? {})[0] ?? 0);
    const pages = number("pragma page_count") - number("pragma freelist_count");
    return pages * number("pragma page_size") + number("select coalesce(sum(size), 0) from blob where content is null");
  }

  async #pruneJournals(beforeMs: number): Promise<number> {
    let rows = 0;
    for (let after: PruneCursor | undefined = this.#journalCursor; after && !this.#isStopped; ) {
      const result: PruneResult = await this.#options.store.write("pruneJournals", {
        beforeMs,
        after,
        maxRows: SLICE_ROWS,
      });
      rows += result.rows;
      after = result.next;
      if (after) this.#journalCursor = after;
    }
    return rows;
  }

  async #pruneExecutions(beforeMs: number, isWanted: () => boolean): Promise<{ rows: number; executions: number }> {
    let rows = 0;
    let executions = 0;
    for (let after: PruneCursor | undefined = BEGIN; after && !this.#isStopped && isWanted(); ) {
      const result: PruneResult = await this.#options.store.write("pruneExecutions", {
        beforeMs,
        after,
        maxRows: SLICE_ROWS,
        blobsBeforeMs: this.#options.clock.now() - this.policy.blobGraceMs,
      });
      rows += result.rows;
      executions += result.removed.length;
      if (result.removed.length > 0) this.#options.onRemoved?.(result.removed);
      after = result.next;
    }
    return { rows, executions };
  }

  async #whileFull(slice: () => Promise<{ readonly rows: number }>): Promise<number> {
    let rows = 0;
    for (let last = SLICE_ROWS; last === SLICE_ROWS && !this.#isStopped; rows += last) last = (await slice()).rows;
    return rows;
  }

  async #sweep(beforeMs: number): Promise<number> {
    let removed = 0;
    let after = "";
    do {
      const result = await this.#options.store.write("sweepBlobs", { after, limit: SLICE_BLOBS, beforeMs });
      removed += result.removed;
      after = result.next;
    } while (after !== "" && !this.#isStopped);
    await this.#dropOrphans(beforeMs);
    return removed;
  }

  /** Files without a row come from a group that was lost, so one look after the start is enough. */
  async #dropOrphans(beforeMs: number): Promise<void> {
    if (this.#hasLooked) return;
    this.#hasLooked = true;
    const digests = this.#options.store.blobFiles.list(beforeMs);
    if (digests.length > 0) await this.#options.store.write("dropOrphanFiles", { digests });
  }

  async #shrink(): Promise<void> {
    for (let free = Number.POSITIVE_INFINITY; !this.#isStopped; ) {
      const { freePages } = await this.#options.store.write("shrinkFile", { pages: SLICE_PAGES });
      if (freePages === 0 || freePages >= free) return;
      free = freePages;
    }
  }
}
