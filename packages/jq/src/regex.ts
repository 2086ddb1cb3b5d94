import { codePointSlicer, toCodePoints } from "./code-points.ts";
import { JqError, Raise } from "./errors.ts";
import { LruCache } from "./lru-cache.ts";
import { Matcher, type MatchRules } from "./regex-matcher.ts";
import { parseRegex } from "./regex-parse.ts";
import { type CompiledRegex, compileProgram } from "./regex-program.ts";

/** One group of a match. */
export interface RegexGroup {
  readonly name: string | undefined;
  /** In code points; -1 when the group took no part. */
  readonly offset: number;
  /** In code points. */
  readonly length: number;
  readonly text: string | undefined;
}

/** One match; offsets and lengths count code points. */
export interface RegexMatch {
  readonly offset: number;
  readonly length: number;
  readonly text: string;
  readonly groups: readonly RegexGroup[];
}

/** A compiled pattern. */
export interface JqRegex {
  /**
   * True when the pattern matches somewhere.
   *
   * @throws {JqLimitError} when the budget of steps ends
   */
  test(text: string): boolean;
  /** First match, or undefined. Throws as {@link JqRegex.test}. */
  match(text: string): RegexMatch | undefined;
  /** All matches from left to right. Throws as {@link JqRegex.test}. */
  matchAll(text: string): RegexMatch[];
}

/** How much work a pattern may do. */
export interface RegexBudget {
  /** Steps per call; default 300,000 and 40 more for each UTF-16 unit of the text. */
  readonly maxSteps?: number;
}

/**
 * Compiles a pattern in Oniguruma's Perl syntax with named groups, matched by an own engine under a budget of steps.
 *
 * @param flags jq's letters: `i` ignore case, `x` extended, `s` and `p` as in jq, `n` no empty match, `l` longest, `g` accepted
 * @throws {JqError} for a bad pattern or flag
 */
export function compileRegex(pattern: string, flags = "", budget: RegexBudget = {}): JqRegex {
  let regex: Regex;
  try {
    regex = findRegex(pattern, flags);
  } catch (error) {
    throw error instanceof Raise ? new JqError(error.value) : error;
  }
  const stepsFor = (text: string): StepCounter => ({ left: budget.maxSteps ?? 300_000 + 40 * text.length });
  return {
    test: (text) => findMatches(regex, text, "first", stepsFor(text)).length > 0,
    match: (text) => findMatches(regex, text, "first", stepsFor(text))[0],
    matchAll: (text) => findMatches(regex, text, "all", stepsFor(text)),
  };
}

/** A pattern with its flags, ready to match. */
export interface Regex {
  readonly compiled: CompiledRegex;
  readonly rules: MatchRules;
  /** Flag `g` was given. */
  readonly global: boolean;
}

/** Steps that are left; lowered by the matches made. */
export interface StepCounter {
  left: number;
}

const CACHE = new LruCache<string, Regex>(500, 200_000);

/**
 * A compiled pattern, from a bounded cache.
 *
 * @throws {Raise} for a bad pattern or flag
 */
export function findRegex(pattern: string, flags: string): Regex {
  const key = `${flags}/${pattern}`;
  let regex = CACHE.get(key);
  if (regex === undefined) {
    regex = makeRegex(pattern, flags);
    CACHE.set(key, regex, key.length);
  }
  return regex;
}

function makeRegex(pattern: string, flags: string): Regex {
  for (const flag of flags) {
    if (!"gimnpslx".includes(flag) || flag === "m") throw new Raise(`${flags} is not a valid modifier string`);
  }
  const parsed = parseRegex(pattern, {
    ignoreCase: flags.includes("i"),
    extended: flags.includes("x"),
    dotNewline: flags.includes("p"),
    multiline: false,
  });
  const rules = { notEmpty: flags.includes("n"), longest: flags.includes("l") };
  return { compiled: compileProgram(parsed), rules, global: flags.includes("g") };
}

/** The first or all matches; after an empty match the search goes on one code point later, as in jq. */
export function findMatches(regex: Regex, text: string, which: "first" | "all", steps: StepCounter): RegexMatch[] {
  const points = toCodePoints(text);
  const matcher = new Matcher(regex.compiled, points, regex.rules, steps.left);
  const found: RegexMatch[] = [];
  const cut = codePointSlicer(text);
  for (let from = 0; from <= points.length; ) {
    const slots = matcher.search(from);
    if (slots === undefined) break;
    found.push(makeMatch(slots, regex.compiled.names, cut));
    if (which === "first") break;
    const [start = 0, end = 0] = slots;
    from = end > start ? end : end + 1;
  }
  steps.left = matcher.stepsLeft;
  return found;
}

function makeMatch(
  slots: readonly number[],
  names: readonly (string | undefined)[],
  cut: (from: number, to: number) => string,
): RegexMatch {
  const [start = 0, end = 0] = slots;
  const groups = names.map((name, index): RegexGroup => {
    const from = slots[index * 2 + 2] ?? -1;
    const to = slots[index * 2 + 3] ?? -1;
    if (from < 0 || to < from) return { name, offset: -1, length: 0, text: undefined };
    return { name, offset: from, length: to - from, text: cut(from, to) };
  });
  return { offset: start, length: end - start, text: cut(start, end), groups };
}
