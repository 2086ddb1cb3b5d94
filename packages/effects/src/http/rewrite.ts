import type { Json } from "@stigmer/durable";
import { failure } from "../fail.ts";
import { InputReader } from "../read-input.ts";

/**
 * Origins and the origins behind which they are really reached, from rules `{from, to}`.
 *
 * @throws {DurableFailure} `configuration` for a rule without two origins
 */
export function readRewrite(list: readonly Json[]): ReadonlyMap<string, string> {
  return new Map(list.map((rule) => [readOrigin(rule, "from"), readOrigin(rule, "to")]));
}

/** The address behind which a rewritten origin is really reached; the URL itself when its origin is not rewritten. */
export function rewriteOrigin(url: URL, rewrite: ReadonlyMap<string, string>): URL {
  const to = rewrite.get(url.origin);
  return to === undefined ? url : new URL(`${to}${url.pathname}${url.search}`);
}

function readOrigin(rule: Json, name: string): string {
  const origin = URL.parse(new InputReader("rewrite", rule).text(name))?.origin;
  if (origin !== undefined && origin !== "null") return origin;
  throw failure("configuration", {
    detail: `Cannot rewrite addresses: "${name}" of a rule is no origin`,
    retryable: false,
  });
}
