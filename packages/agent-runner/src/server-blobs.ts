import { setTimeout as sleep } from "node:timers/promises";
import type { BlobPort } from "@stigmer/agent-effects";
import type { ServerLink } from "@stigmer/runner-link";

/** A server that starts again is waited for: an answer of a model that was paid must not be lost for it. */
const PATIENCE_MS = 60_000;
const FIRST_DELAY_MS = 50;
const LAST_DELAY_MS = 2_000;

/** Codes of the RPC protocol. */
const NOT_FOUND = 5;
const TEMPORARY: ReadonlySet<number> = new Set([4, 8, 10, 14]);

/** The server's blobs as agents use them. */
export function serverBlobs(link: Pick<ServerLink, "getBlob" | "putBlob">): BlobPort {
  return {
    put: (content) => patiently(() => link.putBlob(content)),
    get: (digest) =>
      patiently(async () => {
        try {
          return await link.getBlob(digest);
        } catch (error) {
          if (codeOf(error) === NOT_FOUND) return undefined;
          throw error;
        }
      }),
  };
}

async function patiently<T>(call: () => Promise<T>): Promise<T> {
  const endsAtMs = Date.now() + PATIENCE_MS;
  for (let delayMs = FIRST_DELAY_MS; ; delayMs = Math.min(delayMs * 2, LAST_DELAY_MS)) {
    try {
      return await call();
    } catch (error) {
      if (!TEMPORARY.has(codeOf(error)) || Date.now() + delayMs > endsAtMs) throw error;
      await sleep(delayMs);
    }
  }
}

function codeOf(error: unknown): number {
  return error instanceof Error && "code" in error && typeof error.code === "number" ? error.code : 0;
}
