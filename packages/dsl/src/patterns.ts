import { compileRegex, JqError, JqLimitError } from "@stigmer/jq";

/** Steps of one match: `(a+)+$` ends within them in some milliseconds. */
const MATCH_BUDGET = { maxSteps: 200_000 };

/**
 * Looks for a regular expression in a text, with a budget: a costly pattern ends with an answer in time.
 *
 * @returns `yes`, `no`, or why there is no answer
 */
export function matchesPattern(pattern: string, text: string): "yes" | "no" | string {
  try {
    return compileRegex(pattern, "", MATCH_BUDGET).test(text) ? "yes" : "no";
  } catch (error) {
    if (error instanceof JqError || error instanceof JqLimitError) return error.message;
    throw error;
  }
}

/** True when a text is a regular expression that can be used here. */
export function isPattern(pattern: string): boolean {
  const answer = matchesPattern(pattern, "");
  return answer === "yes" || answer === "no";
}
