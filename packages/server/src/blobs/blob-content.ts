import { StigmerError } from "@stigmer/api";
import { digestOf } from "../resources/request-digest.ts";
import type { Store } from "../store/store.ts";

/** Values up to this size are rows of the database; larger ones are files. */
const ROW_BYTES = 256 * 1024;

/** Stores a value and returns its digest when it is on disk. */
export async function putBlobContent(store: Store, content: Uint8Array, nowMs: number): Promise<string> {
  const digest = digestOf(content);
  const isRow = content.length <= ROW_BYTES;
  const params = { digest, sizeBytes: content.length, content: isRow ? content : null, nowMs };
  await store.write("putBlob", params, {
    sizeBytes: content.length,
    ...(isRow ? {} : { files: [{ digest, bytes: content }] }),
  });
  return digest;
}

/**
 * The value of a digest.
 *
 * @throws {StigmerError} BLOB_NOT_FOUND
 */
export function readBlobContent(store: Store, digest: string): Uint8Array {
  const content = findBlobContent(store, digest);
  if (content !== undefined) return content;
  throw new StigmerError({ reason: "BLOB_NOT_FOUND", message: `Cannot find value "${digest}": it is not stored` });
}

/** The value of a digest, or undefined. */
export function findBlobContent(store: Store, digest: string): Uint8Array | undefined {
  const row = store.read.get<{ readonly content: Uint8Array | null }>(
    "select content from blob where digest = ?",
    digest,
  );
  if (row === undefined) return undefined;
  return row.content ?? store.blobFiles.read(digest);
}
