import { createHash, timingSafeEqual } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import type { Caller } from "./caller.ts";

/** Knows the tokens of today: the client's, and one per runner and start. */
export interface TokenBook {
  /** Compares in constant time; undefined when the token is nobody's. */
  find(token: string): Caller | undefined;
}

interface Entry {
  readonly digest: Buffer;
  readonly caller: Caller;
}

/**
 * @param clientToken the token of auth/client-token
 * @param runnerTokensFile one `component token` per line, rewritten by the supervisor at each start of a runner; read
 *   again when it has changed
 */
export function createTokenBook(clientToken: string, runnerTokensFile: string | undefined): TokenBook {
  const client: Entry = { digest: digest(clientToken), caller: { kind: "client" } };
  let runners: readonly Entry[] = [];
  let readMark = "";
  const refresh = () => {
    if (runnerTokensFile === undefined) return;
    const mark = fileMark(runnerTokensFile);
    if (mark === readMark) return;
    runners = readRunnerTokens(runnerTokensFile);
    readMark = mark;
  };
  return {
    find(token) {
      refresh();
      const wanted = digest(token);
      let found: Caller | undefined;
      for (const entry of [client, ...runners]) if (timingSafeEqual(entry.digest, wanted)) found = entry.caller;
      return found;
    },
  };
}

function readRunnerTokens(path: string): readonly Entry[] {
  const text = readText(path) ?? "";
  return text.split("\n").flatMap((line) => {
    const match = /^([a-z-]{1,64}) ([!-~]{16,512})$/.exec(line.trim());
    if (match?.[1] === undefined || match[2] === undefined) return [];
    return [{ digest: digest(match[2]), caller: { kind: "runner", component: match[1] } as const }];
  });
}

function fileMark(path: string): string {
  const stats = statSync(path, { throwIfNoEntry: false, bigint: true });
  return stats === undefined ? "absent" : `${stats.ino}-${stats.mtimeNs}-${stats.size}`;
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}

function digest(token: string): Buffer {
  return createHash("sha256").update(token).digest();
}
