import type { JsonObject } from "../read-input.ts";

/** Documents that were fetched a short time ago. */
export interface DocumentCache {
  /** The document of a key; `read` is called when there is none, and its failure is not kept. */
  get(key: string, read: () => Promise<JsonObject>): Promise<JsonObject>;
}

/** The oldest goes first beyond this number. */
const MAX_DOCUMENTS = 50;
/** A document is as good as new for this long, ms. */
const LIFETIME_MS = 60_000;

/** A cache that is empty at first. */
export function createDocumentCache(now: () => number = Date.now): DocumentCache {
  const kept = new Map<string, { readonly document: JsonObject; readonly untilMs: number }>();
  return {
    async get(key, read) {
      const found = kept.get(key);
      if (found && found.untilMs > now()) return found.document;
      const document = await read();
      kept.delete(key);
      kept.set(key, { document, untilMs: now() + LIFETIME_MS });
      const [oldest] = kept.keys();
      if (kept.size > MAX_DOCUMENTS && oldest !== undefined) kept.delete(oldest);
      return document;
    },
  };
}
