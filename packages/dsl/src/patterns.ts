import { compileJq } from "@stigmer/jq";

/** Budget of one match; `(a+)+$` on 50 characters ends within it. */
const MATCH_LIMITS = { maxSteps: 200_000 };

/** Matches by the engine of jq, which counts its steps. */
const MATCHER = compileJq("test($pattern)", { profile: "workflow", variables: ["pattern"] });

/**
 * Looks for a regular expression in a text, with a budget: a pattern such as `(a+)+$` ends with an answer in time.
 *
 * @returns `yes`, `no`, or why there is no answer
 */
export function matchesPattern(pattern: string, text: string): "yes" | "no" | string {
  if (!MATCHER.ok) return MATCHER.diagnostics[0]?.message ?? "there is no matcher";
  try {
    const answer = MATCHER.filter.first(text, { variables: { pattern }, limits: MATCH_LIMITS });
    return answer === true ? "yes" : "no";
  } catch (error) {
    return error instanceof Error ? error.message : "the pattern is too costly";
  }
}

/** True when a text is a regular expression that can be used here. */
export function isPattern(pattern: string): boolean {
  const answer = matchesPattern(pattern, "");
  return answer === "yes" || answer === "no";
}
