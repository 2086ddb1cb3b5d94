import { createHash } from "node:crypto";
import type { Json } from "@stigmer/durable";

/** A token as an authority gave it. */
export interface AccessToken {
  readonly token: string;
  /** Milliseconds since 1970; a token without a lifetime is used once. */
  readonly expiresAtMs: number;
  /** With it the next token is asked for. */
  readonly refreshToken?: string;
}

/** Tokens of a process by the policy that asked for them. */
export interface TokenCache {
  /** The valid token of a policy; asks for one when there is none. Concurrent askers share one answer. */
  get(key: string, ask: (last: AccessToken | undefined) => Promise<AccessToken>): Promise<string>;
  /** Makes the next caller ask again: the token was refused. */
  forget(key: string): void;
}

/** Policies whose tokens are kept; the one unused for longest goes first. */
const MAX_TOKENS = 200;
/** A token that ends within this time is renewed, ms. */
const EARLY_MS = 10_000;

/** A cache that is empty at first; it lives in memory only. */
export function createTokenCache(now: () => number = Date.now): TokenCache {
  const kept = new Map<string, AccessToken>();
  const asking = new Map<string, Promise<AccessToken>>();
  const keep = (key: string, token: AccessToken) => {
    kept.delete(key);
    kept.set(key, token);
    const [oldest] = kept.keys();
    if (kept.size > MAX_TOKENS && oldest !== undefined) kept.delete(oldest);
  };
  return {
    async get(key, ask) {
      const last = kept.get(key);
      if (last && last.expiresAtMs - EARLY_MS > now()) {
        keep(key, last);
        return last.token;
      }
      const running = asking.get(key) ?? ask(last).finally(() => asking.delete(key));
      asking.set(key, running);
      const token = await running;
      keep(key, token);
      return token.token;
    },
    forget(key) {
      const last = kept.get(key);
      if (last !== undefined) kept.set(key, { ...last, expiresAtMs: 0 });
    },
  };
}

/** Key of a policy; the policy with its secrets cannot be read from it. */
export function tokenKey(policy: Json): string {
  return createHash("sha256").update(JSON.stringify(policy)).digest("hex");
}
