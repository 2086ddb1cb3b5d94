import { Raise } from "./errors.ts";
import { parseClass } from "./regex-class.ts";
import { parseEscape } from "./regex-escape.ts";
import type { ParsedRegex, RegexNode } from "./regex-node.ts";
import { countGroups, type RegexOptions, RegexReader } from "./regex-reader.ts";

/**
 * Parses a pattern in the syntax of Oniguruma as jq uses it (Perl with named groups).
 *
 * @throws {Raise} with a message that names the pattern
 */
export function parseRegex(pattern: string, options: RegexOptions): ParsedRegex {
  const reader = new RegexReader(pattern, countGroups(pattern, options));
  const root = parseChoice(reader, options);
  if (!reader.atEnd()) reader.fail("unmatched close parenthesis");
  return { root, names: reader.names };
}

/** `a|b|c` up to a closing parenthesis or the end. */
function parseChoice(reader: RegexReader, start: RegexOptions): RegexNode {
  reader.open();
  const items: RegexNode[] = [];
  let options = start;
  let sequence: RegexNode[] = [];
  for (;;) {
    const unit = reader.peek();
    if (unit === "" || unit === ")") break;
    if (unit === "|") {
      reader.take();
      items.push({ kind: "sequence", items: sequence });
      sequence = [];
      continue;
    }
    const changed = parseOptionSwitch(reader, options);
    if (changed !== undefined) {
      options = changed;
      continue;
    }
    const atom = parseAtom(reader, options);
    if (atom !== undefined) sequence.push(parseRepeats(reader, atom, options));
  }
  reader.close();
  items.push({ kind: "sequence", items: sequence });
  const [only] = items;
  return items.length === 1 && only !== undefined ? only : { kind: "choice", items };
}

/** `(?i)` in the middle of a sequence: holds to the end of the group. */
function parseOptionSwitch(reader: RegexReader, options: RegexOptions): RegexOptions | undefined {
  const match = reader.ahead(/^\(\?([imsx]*)(?:-([imsx]*))?\)/);
  if (match === undefined) return undefined;
  reader.skip(match[0].length);
  return switchOptions(options, match[1] ?? "", match[2] ?? "");
}

function switchOptions(options: RegexOptions, on: string, off: string): RegexOptions {
  const pick = (letter: string, now: boolean): boolean => (off.includes(letter) ? false : on.includes(letter) || now);
  return {
    ignoreCase: pick("i", options.ignoreCase),
    extended: pick("x", options.extended),
    dotNewline: pick("s", options.dotNewline),
    multiline: pick("m", options.multiline),
  };
}

function parseAtom(reader: RegexReader, options: RegexOptions): RegexNode | undefined {
  const unit = reader.take();
  switch (unit) {
    case "(":
      return parseGroup(reader, options);
    case "[":
      return { kind: "set", set: parseClass(reader, options) };
    case ".":
      return { kind: "any", newlines: options.dotNewline };
    case "^":
      return { kind: "anchor", anchor: options.multiline ? "line-start" : "buffer-start" };
    case "$":
      return { kind: "anchor", anchor: options.multiline ? "line-end" : "near-end" };
    case "\\":
      return parseEscape(reader, options);
    case "*":
    case "+":
    case "?":
      return reader.fail("target of repeat operator is not specified");
    default:
      return parsePlain(reader, unit, options);
  }
}

function parsePlain(reader: RegexReader, unit: string, options: RegexOptions): RegexNode | undefined {
  if (options.extended && /^[ \t\n\r\f\v]$/.test(unit)) return undefined;
  if (options.extended && unit === "#") {
    while (!reader.atEnd() && reader.take() !== "\n");
    return undefined;
  }
  return { kind: "char", point: unit.codePointAt(0) ?? 0, ignoreCase: options.ignoreCase };
}

function parseGroup(reader: RegexReader, options: RegexOptions): RegexNode | undefined {
  const finish = (make: (body: RegexNode) => RegexNode, inner: RegexOptions = options): RegexNode => {
    const body = parseChoice(reader, inner);
    if (reader.take() !== ")") reader.fail("end pattern with unmatched parenthesis");
    return make(body);
  };
  if (reader.peek() !== "?") {
    const index = reader.addGroup(undefined);
    return finish((body) => ({ kind: "group", index, body }));
  }
  const named = reader.ahead(/^\?(?:<([\p{L}_][\p{L}\p{N}_]*)>|'([\p{L}_][\p{L}\p{N}_]*)')/u);
  if (named !== undefined) {
    reader.skip(named[0].length);
    const index = reader.addGroup(named[1] ?? named[2]);
    return finish((body) => ({ kind: "group", index, body }));
  }
  for (const [prefix, behind, negated] of LOOKS) {
    if (reader.skipText(prefix)) return finish((body) => ({ kind: "look", body, behind, negated }));
  }
  if (reader.skipText("?:")) return finish((body) => body);
  if (reader.skipText("?>")) return finish((body) => ({ kind: "atomic", body }));
  if (reader.skipText("?#")) {
    while (!reader.atEnd() && reader.peek() !== ")") reader.take();
    if (reader.take() !== ")") reader.fail("end pattern in group");
    return undefined;
  }
  const scoped = reader.ahead(/^\?([imsx]*)(?:-([imsx]*))?:/);
  if (scoped === undefined) return reader.fail("undefined group option");
  reader.skip(scoped[0].length);
  return finish((body) => body, switchOptions(options, scoped[1] ?? "", scoped[2] ?? ""));
}

const LOOKS: readonly (readonly [prefix: string, behind: boolean, negated: boolean])[] = [
  ["?=", false, false],
  ["?!", false, true],
  ["?<=", true, false],
  ["?<!", true, true],
];

/** Repeat operators after an atom; several may follow each other. */
function parseRepeats(reader: RegexReader, atom: RegexNode, options: RegexOptions): RegexNode {
  let node = atom;
  for (;;) {
    if (options.extended) reader.skipBlank();
    const range = parseRange(reader);
    if (range === undefined) return node;
    if (range.min > range.max) throw new Raise(reader.describe("too big wide-char value"));
    reader.countRepeat();
    if (reader.skipText("?")) node = { kind: "repeat", body: node, ...range, mode: "lazy" };
    else if (range.plain && reader.skipText("+")) node = { kind: "repeat", body: node, ...range, mode: "possessive" };
    else node = { kind: "repeat", body: node, ...range, mode: "greedy" };
  }
}

interface RepeatRange {
  readonly min: number;
  readonly max: number;
  /** True for `*`, `+` and `?`, which take a possessive `+`. */
  readonly plain: boolean;
}

const MAX_REPEAT = 100_000;

function parseRange(reader: RegexReader): RepeatRange | undefined {
  if (reader.skipText("*")) return { min: 0, max: Number.POSITIVE_INFINITY, plain: true };
  if (reader.skipText("+")) return { min: 1, max: Number.POSITIVE_INFINITY, plain: true };
  if (reader.skipText("?")) return { min: 0, max: 1, plain: true };
  const braces = reader.ahead(/^\{(\d*)(,?)(\d*)\}/);
  if (braces === undefined || (braces[1] === "" && braces[3] === "")) return undefined;
  reader.skip(braces[0].length);
  const min = Number(braces[1] ?? "0");
  const max = braces[2] === "" ? min : braces[3] === "" ? Number.POSITIVE_INFINITY : Number(braces[3]);
  if (min > MAX_REPEAT || (max > MAX_REPEAT && max !== Number.POSITIVE_INFINITY)) {
    reader.fail("too big number for repeat range");
  }
  return min > max ? { min: max, max: min, plain: false } : { min, max, plain: false };
}
