import { createHash } from "node:crypto";

/** Where content is kept by its digest. */
export interface BlobPort {
  /** Keeps content; the answer is `sha256:` and 64 hexadecimal digits. The same content gives the same digest. */
  put(content: Uint8Array): Promise<string>;
  /** Content of a digest; undefined when nobody has it. */
  get(digest: string): Promise<Uint8Array | undefined>;
}

/** Blobs in memory, for runs without a server and for tests. */
export function createMemoryBlobs(): BlobPort {
  const contents = new Map<string, Uint8Array>();
  return {
    async put(content) {
      const digest = digestOf(content);
      contents.set(digest, content);
      return digest;
    },
    async get(digest) {
      return contents.get(digest);
    },
  };
}

/** Blobs that were used lately stay in memory: content of a digest never changes. @param maxBytes of all together */
export function cacheBlobs(port: BlobPort, maxBytes = 32_000_000): BlobPort {
  const kept = new Map<string, Uint8Array>();
  let sizeBytes = 0;
  const keep = (digest: string, content: Uint8Array) => {
    if (kept.has(digest) || content.length > maxBytes / 4) return;
    kept.set(digest, content);
    sizeBytes += content.length;
    for (const [oldest, old] of kept) {
      if (sizeBytes <= maxBytes) break;
      kept.delete(oldest);
      sizeBytes -= old.length;
    }
  };
  return {
    async put(content) {
      const digest = await port.put(content);
      keep(digest, content);
      return digest;
    },
    async get(digest) {
      const known = kept.get(digest);
      if (known !== undefined) return known;
      const content = await port.get(digest);
      if (content !== undefined) keep(digest, content);
      return content;
    },
  };
}

/** `sha256:` and 64 hexadecimal digits. */
export function digestOf(content: Uint8Array | string): string {
  return `sha256:${createHash("sha256").update(content).digest("hex")}`;
}
