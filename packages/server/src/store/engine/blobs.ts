import type { WriteConnection } from "../write-connection.ts";

/** Parameters of `sweepBlobs`. */
export interface SweepBlobsParams {
  /** Goes on after this digest; empty begins. */
  readonly after: string;
  readonly limit: number;
  /** Blobs touched after this time stay, epoch ms: their first reference may be on its way. */
  readonly beforeMs: number;
}

/** `next` is empty when the end was reached. */
export interface SweepBlobsResult {
  readonly next: string;
  readonly removed: number;
}

/**
 * Selects of one column of digests, with `?` for the digest that is looked for. A table whose rows name blobs adds its
 * own here; without a row the blob goes.
 */
export const BLOB_ROOTS: readonly string[] = ["select 1 from blob_ref where digest = ? limit 1"];

/** Removes a slice of the blobs that nothing names, with their files. */
export function sweepBlobs(db: WriteConnection, params: SweepBlobsParams): SweepBlobsResult {
  const slice = db.all<{ digest: string }>(
    "select digest from blob where digest > ? order by digest limit ?",
    params.after,
    params.limit,
  );
  let removed = 0;
  for (const { digest } of slice) removed += dropUnnamed(db, digest, params.beforeMs);
  const last = slice.at(-1)?.digest ?? "";
  return { next: slice.length < params.limit ? "" : last, removed };
}

/** Removes a blob with its file, if nothing names it and it was last touched before `beforeMs`; returns how many went. */
export function dropUnnamed(db: WriteConnection, digest: string, beforeMs: number): number {
  if (isNamed(db, digest)) return 0;
  const blob = db.get<{ at: number; inline: number }>(
    "select at, content is not null as inline from blob where digest = ?",
    digest,
  );
  if (!blob || blob.at >= beforeMs) return 0;
  if (blob.inline === 0) db.unlinkBlobFile(digest);
  return db.run("delete from blob where digest = ?", digest);
}

function isNamed(db: WriteConnection, digest: string): boolean {
  return BLOB_ROOTS.some((root) => db.get(root, digest) !== undefined);
}

/** Removes files that no row knows, such as one whose group was lost. */
export function dropOrphanFiles(
  db: WriteConnection,
  params: { readonly digests: readonly string[] },
): { readonly dropped: number } {
  const orphans = params.digests.filter(
    (digest) => db.get("select 1 from blob where digest = ?", digest) === undefined,
  );
  for (const digest of orphans) db.unlinkBlobFile(digest);
  return { dropped: orphans.length };
}
