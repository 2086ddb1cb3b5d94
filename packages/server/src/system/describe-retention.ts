import type { RetentionPolicy } from "../engine/retention.ts";

/** What is kept for how long, in words. */
export function describeRetention(policy: RetentionPolicy): Readonly<Record<string, string>> {
  return {
    journals: days(policy.journalMs),
    executions: days(policy.executionMs),
    events: days(policy.executionMs),
    published: days(policy.publishedMs),
    total: `${Math.round(policy.maxBytes / 1024 ** 3)} GB`,
  };
}

function days(ms: number): string {
  const hours = Math.round(ms / 3_600_000);
  return hours % 24 === 0 && hours > 24 ? `${hours / 24} days` : `${hours} hours`;
}
