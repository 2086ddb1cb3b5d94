import type { SqlValue, WriteConnection } from "../write-connection.ts";

/**
 * A JSON text on its way into the database: as text, or claim-checked by its digest. `content` is absent when the bytes
 * travel as a file of the same command. `refs` are digests that the text itself names.
 */
export type StoredValue =
  | { readonly text: string; readonly refs?: readonly string[] }
  | {
      readonly digest: string;
      readonly sizeBytes: number;
      readonly content?: Uint8Array;
      readonly refs?: readonly string[];
    };

/** The pair of columns that a value fills: text and digest. */
export type ValueColumns = readonly [text: string | null, digest: string | null];

/**
 * Stores what a value needs beside its row and returns its columns. The owner's reference keeps the blobs alive.
 *
 * @param execution number of the owning execution; 0 stands for published events
 */
export function storeValue(db: WriteConnection, execution: number, value: StoredValue, nowMs: number): ValueColumns {
  for (const digest of value.refs ?? []) refer(db, execution, digest);
  if ("text" in value) return [value.text, null];
  putBlob(db, { digest: value.digest, sizeBytes: value.sizeBytes, content: value.content ?? null, nowMs });
  refer(db, execution, value.digest);
  return [null, value.digest];
}

/** What the row of a blob needs; `content` null means that the file is in its place. */
export interface PutBlobParams {
  readonly digest: string;
  readonly sizeBytes: number;
  readonly content: Uint8Array | null;
  readonly nowMs: number;
}

/** Far below the collection's grace: a blob that is used all the time is not written all the time, ms. */
const YOUNG_MS = 600_000;

/** Stores a blob, or makes the one that is there young again for the collection. */
export function putBlob(db: WriteConnection, params: PutBlobParams): void {
  db.run(
    `insert into blob(digest, size, at, content) values (?,?,?,?)
      on conflict(digest) do update set at = excluded.at where blob.at < excluded.at - ?`,
    params.digest,
    params.sizeBytes,
    params.nowMs,
    params.content as SqlValue,
    YOUNG_MS,
  );
}

function refer(db: WriteConnection, execution: number, digest: string): void {
  db.run("insert or ignore into blob_ref(digest, execution) values (?,?)", digest, execution);
}
