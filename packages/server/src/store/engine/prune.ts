import type { WriteConnection } from "../write-connection.ts";
import { dropUnnamed } from "./blobs.ts";

/** Where a pass over finished executions stands: the last one that was looked at. */
export interface PruneCursor {
  readonly endedAtMs: number;
  readonly no: number;
}

/** Parameters of `pruneJournals`. */
export interface PruneParams {
  /** Finished executions that ended before this time are pruned, epoch ms. */
  readonly beforeMs: number;
  readonly after: PruneCursor;
  /** Rows that one slice removes at most; bounds how long the writer is kept. */
  readonly maxRows: number;
}

/** `next` is absent when nothing is left to look at. */
export interface PruneResult {
  readonly next?: PruneCursor;
  readonly rows: number;
  /** Public ids of executions that are gone. */
  readonly removed: readonly string[];
}

interface Ended {
  readonly no: number;
  readonly id: string;
  readonly ended_at: number;
}

/** How many executions one slice looks at. */
const LOOK = 64;

const NEXT_ENDED =
  "select no, id, ended_at from execution where ended_at is not null and ended_at < ? and (ended_at, no) > (?, ?) order by ended_at, no limit ?";

/** Removes journals and inboxes of finished executions, a slice at a time; their events and results stay. */
export function pruneJournals(db: WriteConnection, params: PruneParams): PruneResult {
  return prune(db, params, (one, budget) => removeRows(db, one.no, JOURNAL_ROWS, budget));
}

/** Parameters of `pruneExecutions`. */
export interface PruneExecutionsParams extends PruneParams {
  /** Blobs that nothing else names go too, if they were last touched before this time, epoch ms. */
  readonly blobsBeforeMs: number;
}

/** Removes finished executions with everything that is theirs, a slice at a time. Never one that has not ended. */
export function pruneExecutions(db: WriteConnection, params: PruneExecutionsParams): PruneResult {
  const removed: string[] = [];
  const result = prune(db, params, (one, budget) => {
    let gone = removeRows(db, one.no, ALL_ROWS, budget);
    gone += removeRefs(db, one.no, budget - gone, params.blobsBeforeMs);
    if (gone >= budget) return gone;
    db.run("delete from execution where no = ?", one.no);
    removed.push(one.id);
    return gone + 1;
  });
  return { ...result, removed };
}

/** Works through finished executions from the cursor on; one that used up the budget is looked at again. */
function prune(db: WriteConnection, params: PruneParams, remove: (one: Ended, budget: number) => number): PruneResult {
  const { beforeMs, after, maxRows } = params;
  const slice = db.all<Ended>(NEXT_ENDED, beforeMs, after.endedAtMs, after.no, LOOK);
  let rows = 0;
  let next = after;
  for (const one of slice) {
    rows += remove(one, maxRows - rows);
    if (rows >= maxRows) return { next, rows, removed: [] };
    next = { endedAtMs: one.ended_at, no: one.no };
  }
  return { ...(slice.length === LOOK ? { next } : {}), rows, removed: [] };
}

/** Statements that remove at most so many rows of one execution. */
const JOURNAL_ROWS: readonly string[] = [
  "delete from journal where execution = ?1 and seq in (select seq from journal where execution = ?1 order by seq limit ?2)",
  "delete from inbox where execution = ?1 and n in (select n from inbox where execution = ?1 order by n limit ?2)",
];

const ALL_ROWS: readonly string[] = [
  ...JOURNAL_ROWS,
  "delete from event where execution = ?1 and seq in (select seq from event where execution = ?1 order by seq limit ?2)",
];

function removeRows(db: WriteConnection, no: number, statements: readonly string[], budget: number): number {
  let rows = 0;
  for (const statement of statements) {
    if (rows >= budget) break;
    rows += db.run(statement, no, budget - rows);
  }
  return rows;
}

function removeRefs(db: WriteConnection, no: number, budget: number, blobsBeforeMs: number): number {
  if (budget <= 0) return 0;
  const refs = db.all<{ digest: string }>("select digest from blob_ref where execution = ? limit ?", no, budget);
  for (const { digest } of refs) {
    db.run("delete from blob_ref where digest = ? and execution = ?", digest, no);
    dropUnnamed(db, digest, blobsBeforeMs);
  }
  return refs.length;
}

/** Parameters of `prunePublished` and `pruneKeys`. */
export interface PruneOldParams {
  readonly beforeMs: number;
  readonly maxRows: number;
}

/** Removes published events that are older, a slice at a time. */
export function prunePublished(db: WriteConnection, { beforeMs, maxRows }: PruneOldParams): { readonly rows: number } {
  const old = db.all<{ no: number; blob: string | null }>(
    "select no, blob from published where at < ? order by at limit ?",
    beforeMs,
    maxRows,
  );
  for (const { no, blob } of old) {
    db.run("delete from published where no = ?", no);
    if (blob && !db.get("select 1 from published where blob = ?", blob))
      db.run("delete from blob_ref where digest = ? and execution = 0", blob);
  }
  return { rows: old.length };
}

/** Removes idempotency keys that are older and whose execution, if they have one, is gone. */
export function pruneKeys(db: WriteConnection, { beforeMs, maxRows }: PruneOldParams): { readonly rows: number } {
  const rows = db.run(
    `delete from idempotency where (namespace, method, key) in (
       select namespace, method, key from idempotency i where at < ? and not exists (select 1 from execution e where e.no = i.execution)
       order by at limit ?)`,
    beforeMs,
    maxRows,
  );
  return { rows };
}

/** Gives free pages back to the file system, so many at a time. */
export function shrinkFile(db: WriteConnection, { pages }: { readonly pages: number }): { readonly freePages: number } {
  db.raw.exec(`pragma incremental_vacuum(${Math.trunc(pages)})`);
  return { freePages: db.get<{ freelist_count: number }>("pragma freelist_count")?.freelist_count ?? 0 };
}
