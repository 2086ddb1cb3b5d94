import { createHash } from "node:crypto";
import type { BlobFile } from "../store/command.ts";
import type { StoredValue } from "../store/engine/stored-value.ts";
import type { Store } from "../store/store.ts";

/** Values above this many bytes stand behind their digest. */
export const CLAIM_CHECK_BYTES = 2_048;

/** Blobs above this many bytes are files. */
export const BLOB_ROW_BYTES = 256 * 1_024;

type Digested = Extract<StoredValue, { readonly digest: string }>;

/** `sha256:` and 64 hexadecimal digits. */
export function digestOf(bytes: Uint8Array): string {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
}

/** Turns the texts of one command into values: small ones stay, large ones become blobs, very large ones files. */
export class ValueClaims {
  readonly files: BlobFile[] = [];
  /** Size of everything that was claimed, for the cap of a group. */
  sizeBytes = 0;

  /** A value for a column pair. */
  value(text: string): StoredValue {
    return this.sealed(text, text);
  }

  /** A value that is stored as another text, and keeps alive the blobs that it names itself. */
  sealed(text: string, stored: string): StoredValue {
    const size = Buffer.byteLength(stored);
    this.sizeBytes += size;
    const refs = refsOf(text);
    const named = refs.length > 0 ? { refs } : {};
    return size > CLAIM_CHECK_BYTES ? { ...this.#blob(stored), ...named } : { text: stored, ...named };
  }

  /** A value that always stands behind its digest. */
  definition(text: string): Digested {
    this.sizeBytes += text.length;
    return this.#blob(text);
  }

  #blob(text: string): Digested {
    const bytes = Buffer.from(text);
    const digest = digestOf(bytes);
    if (bytes.length <= BLOB_ROW_BYTES) return { digest, sizeBytes: bytes.length, content: bytes };
    this.files.push({ digest, bytes });
    return { digest, sizeBytes: bytes.length };
  }
}

const DIGESTS = /sha256:[0-9a-f]{64}/g;

function refsOf(text: string): readonly string[] {
  return text.includes("sha256:") ? [...new Set(text.match(DIGESTS) ?? [])] : [];
}

/** The bytes of a blob; undefined when there is none. */
export function readBlob(store: Store, digest: string): Uint8Array | undefined {
  const row = store.read.get<{ content: Uint8Array | null }>("select content from blob where digest = ?", digest);
  return row ? (row.content ?? store.blobFiles.read(digest)) : undefined;
}

/**
 * The text of a column pair.
 *
 * @throws {Error} if the blob is missing: the database is damaged
 */
export function readText(store: Store, text: string | null, digest: string | null): string {
  if (digest === null) return text ?? "";
  const bytes = readBlob(store, digest);
  if (!bytes) throw new Error(`Cannot read the value "${digest}": its blob is missing`);
  return new TextDecoder().decode(bytes);
}

/** The text of an inbox item; the large outcome of a child is put in. */
export function readItemText(store: Store, text: string | null, digest: string | null): string {
  const data = readText(store, text, digest);
  if (!data.startsWith('{"outcomeBlob":')) return data;
  const { outcomeBlob, key }: { outcomeBlob: { member: string; digest: string }; key: string } = JSON.parse(data);
  const value = readText(store, null, outcomeBlob.digest);
  return `{"key":${JSON.stringify(key)},"outcome":{"${outcomeBlob.member}":${value}}}`;
}
