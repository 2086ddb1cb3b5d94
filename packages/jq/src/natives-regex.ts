import { addValues } from "./arithmetic.ts";
import { type Code, codeOfEach, codeOfOne, type Env } from "./code.ts";
import { codePointSlicer } from "./code-points.ts";
import { describe, fail } from "./errors.ts";
import { isArray, type Json, kindOf, setKey } from "./json.ts";
import { collect } from "./leaving.ts";
import { type MakeCall, type Natives, nativeN } from "./native.ts";
import { findMatches, findRegex, type RegexGroup, type RegexMatch } from "./regex.ts";
import type { Run } from "./run.ts";

/** Finds matches on behalf of a run and charges it for the work. */
function search(run: Run, input: Json, pattern: Json, flags: Json, which: "first" | "all" | "by-flag"): RegexMatch[] {
  if (typeof input !== "string") return fail(`${describe(input)} cannot be matched, as it is not a string`);
  if (typeof pattern !== "string") return fail(`${describe(pattern)} is not a string`);
  if (flags !== null && typeof flags !== "string") return fail(`${describe(flags)} is not a string`);
  const regex = findRegex(pattern, flags ?? "");
  run.tick(input.length >> 4);
  const budget = Math.min(300_000 + 40 * input.length, 2 * run.stepsLeft + 1);
  const steps = { left: budget };
  const wanted = which === "by-flag" ? (regex.global ? "all" : "first") : which;
  const found = findMatches(regex, input, wanted, steps);
  run.tick((budget - steps.left) >> 1);
  return found;
}

/** Pattern and flags: an array as the pattern holds both. */
function splitPattern(pattern: Json, flags: Json): { readonly pattern: Json; readonly flags: Json } {
  if (flags !== null || typeof pattern === "string") return { pattern, flags };
  if (!isArray(pattern) || pattern.length === 0) return fail(`${kindOf(pattern)} not a string or array`);
  const [first = null, second = null] = pattern;
  return { pattern: first, flags: second };
}

function toValue(match: RegexMatch): Json {
  return {
    offset: match.offset,
    length: match.length,
    string: match.text,
    captures: match.groups.map(showGroup),
  };
}

/** Keys in the order that jq gives them, which differs for empty groups. */
function showGroup(group: RegexGroup): Json {
  const { offset, length } = group;
  const name = group.name ?? null;
  const text = group.text ?? null;
  return length === 0 ? { offset, string: text, length, name } : { offset, length, string: text, name };
}

function captureObject(match: RegexMatch): Json {
  const object: { [key: string]: Json } = {};
  for (const { name, text } of match.groups) {
    if (name !== undefined) setKey(object, name, text ?? null);
  }
  return object;
}

/** A function that gives one output per match. */
function perMatch(
  find: (run: Run, input: Json, pattern: Json, flags: Json) => RegexMatch[],
  show: (match: RegexMatch) => Json,
): MakeCall {
  return ([pattern, flags], at) =>
    codeOfEach((run, env, input, emit) => {
      if (pattern === undefined || flags === undefined) return false;
      return pattern.each(run, env, input, (re) =>
        flags.each(run, env, input, (letters) => {
          run.at = at;
          for (const match of find(run, input, re, letters)) {
            run.tick(1);
            if (emit(show(match))) return true;
          }
          return false;
        }),
      );
    });
}

function findBySplit(run: Run, input: Json, pattern: Json, flags: Json): RegexMatch[] {
  const parts = splitPattern(pattern, flags);
  return search(run, input, parts.pattern, parts.flags, "by-flag");
}

function findAll(run: Run, input: Json, pattern: Json, flags: Json): RegexMatch[] {
  if (flags !== null && typeof flags !== "string") return fail(`${describe(flags)} is not a string`);
  return search(run, input, pattern, `g${flags ?? ""}`, "all");
}

function showScan(match: RegexMatch): Json {
  return match.groups.length === 0 ? match.text : match.groups.map(({ text }) => text ?? null);
}

function splitAt(run: Run, input: Json, pattern: Json, flags: Json): Json {
  const matches = findAll(run, input, pattern, flags);
  const text = typeof input === "string" ? input : "";
  const cut = codePointSlicer(text);
  const parts: string[] = [];
  let from = 0;
  for (const match of matches) {
    run.tick(1);
    parts.push(cut(from, match.offset));
    from = match.offset + match.length;
  }
  parts.push(cut(from, text.length));
  return parts;
}

/** `sub`: each output of the replacement continues its own result, the first output the first one, and so on. */
const substitute: MakeCall = ([pattern, replacement, flags], at) => {
  if (pattern === undefined || replacement === undefined || flags === undefined) return codeOfOne(() => undefined);
  return codeOfEach((run, env, input, emit) =>
    pattern.each(run, env, input, (re) =>
      flags.each(run, env, input, (letters) => {
        run.at = at;
        for (const result of replaceMatches(run, env, input, search(run, input, re, letters, "by-flag"), replacement)) {
          if (emit(result)) return true;
        }
        return false;
      }),
    ),
  );
};

function replaceMatches(
  run: Run,
  env: Env | undefined,
  input: Json,
  matches: readonly RegexMatch[],
  replacement: Code,
): Json[] {
  if (typeof input !== "string") return [];
  const cut = codePointSlicer(input);
  const results: Json[] = [];
  let from = 0;
  for (const match of matches) {
    const gap = cut(from, match.offset);
    let index = 0;
    collect(replacement, run, env, captureObject(match), (insert) => {
      run.tick(1);
      results[index] = addValues(run, results[index] ?? null, addValues(run, gap, insert));
      index++;
    });
    from = match.offset + match.length;
  }
  if (results.length === 0) return [input];
  const tail = cut(from, input.length);
  return results.map((result) => addValues(run, result, tail));
}

/** Functions with regular expressions. */
export const REGEX_NATIVES: Natives = {
  "match/2": perMatch(findBySplit, toValue),
  "capture/2": perMatch(findBySplit, captureObject),
  "scan/2": perMatch(findAll, showScan),
  "test/2": nativeN((run, input, pattern = null, flags = null) => {
    const parts = splitPattern(pattern, flags);
    return search(run, input, parts.pattern, parts.flags, "first").length > 0;
  }),
  "split/2": nativeN((run, input, pattern = null, flags = null) => splitAt(run, input, pattern, flags)),
  "sub/3": substitute,
};
