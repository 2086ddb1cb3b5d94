import type { Anchor, RegexNode } from "./regex-node.ts";
import type { RegexOptions, RegexReader } from "./regex-reader.ts";
import { type CharClass, isDigit, isHex, isSpace, isWord, unicodeProperty } from "./regex-set.ts";

const ANCHORS: ReadonlyMap<string, Anchor> = new Map([
  ["A", "buffer-start"],
  ["z", "buffer-end"],
  ["Z", "near-end"],
  ["G", "search-start"],
  ["b", "word"],
  ["B", "not-word"],
]);

const CLASSES: ReadonlyMap<string, (point: number) => boolean> = new Map([
  ["d", isDigit],
  ["w", isWord],
  ["s", isSpace],
  ["h", isHex],
]);

const CONTROLS: ReadonlyMap<string, number> = new Map([
  ["t", 9],
  ["n", 10],
  ["v", 11],
  ["f", 12],
  ["r", 13],
  ["a", 7],
  ["e", 27],
]);

/** What follows a backslash outside of a class. */
export function parseEscape(reader: RegexReader, options: RegexOptions): RegexNode | undefined {
  const anchor = ANCHORS.get(reader.peek());
  if (anchor !== undefined) {
    reader.take();
    return { kind: "anchor", anchor };
  }
  const found = parseClassEscape(reader);
  if (found !== undefined) return classNode(found, options);
  if (reader.skipText("K")) return { kind: "keep" };
  if (reader.skipText("Q")) return parseQuoted(reader, options);
  if (reader.skipText("E")) return undefined;
  if (reader.skipText("R")) return lineBreak();
  if (reader.skipText("X") || reader.peek() === "g") return reader.fail("not supported here");
  const reference = parseReference(reader, options);
  if (reference !== undefined) return reference;
  return { kind: "char", point: parseCharEscape(reader), ignoreCase: options.ignoreCase };
}

function classNode(found: CharClass, options: RegexOptions): RegexNode {
  return { kind: "set", set: { ranges: [], classes: [found], negated: false, ignoreCase: options.ignoreCase } };
}

function parseQuoted(reader: RegexReader, options: RegexOptions): RegexNode {
  const items: RegexNode[] = [];
  while (!reader.atEnd() && !reader.skipText("\\E")) {
    items.push({ kind: "char", point: reader.take().codePointAt(0) ?? 0, ignoreCase: options.ignoreCase });
  }
  return { kind: "sequence", items };
}

function lineBreak(): RegexNode {
  const char = (point: number): RegexNode => ({ kind: "char", point, ignoreCase: false });
  const set = {
    ranges: [[10, 13] as const, [0x85, 0x85] as const, [0x2028, 0x2029] as const],
    classes: [],
    negated: false,
    ignoreCase: false,
  };
  const both: RegexNode = { kind: "sequence", items: [char(13), char(10)] };
  return { kind: "atomic", body: { kind: "choice", items: [both, { kind: "set", set }] } };
}

function parseReference(reader: RegexReader, options: RegexOptions): RegexNode | undefined {
  const named = reader.ahead(/^k(?:<([^>]{1,60})>|'([^']{1,60})')/);
  if (named !== undefined) {
    reader.skip(named[0].length);
    return reference(reader, namedGroups(reader, named[1] ?? named[2] ?? ""), options);
  }
  const numbered = reader.ahead(/^[1-9]\d{0,2}/);
  if (numbered === undefined) return undefined;
  const number = Number(numbered[0]);
  if (number > 9 && number > reader.groupCount) return undefined;
  reader.skip(numbered[0].length);
  if (number > reader.groupCount) reader.fail("invalid backref number/name");
  return reference(reader, [number], options);
}

function namedGroups(reader: RegexReader, name: string): number[] {
  if (/^\d+$/.test(name)) return [Number(name)];
  return reader.names.flatMap((known, index) => (known === name ? [index + 1] : []));
}

function reference(reader: RegexReader, groups: readonly number[], options: RegexOptions): RegexNode {
  if (groups.length === 0) reader.fail("undefined name reference");
  return { kind: "reference", groups, ignoreCase: options.ignoreCase };
}

/** `\d`, `\p{...}` and their kin; undefined when something else follows. */
export function parseClassEscape(reader: RegexReader): CharClass | undefined {
  const letter = reader.peek();
  const test = CLASSES.get(letter.toLowerCase());
  if (test !== undefined) {
    reader.take();
    return { test, negated: letter !== letter.toLowerCase() };
  }
  if (letter !== "p" && letter !== "P") return undefined;
  const property = reader.ahead(/^[pP]\{(\^?)([^}]{0,60})\}/);
  if (property === undefined) return undefined;
  const name = (property[2] ?? "").trim();
  const found = CLASSES.get(name) ?? findProperty(name);
  if (found === undefined) return reader.fail(`invalid character property name {${name}}`);
  reader.skip(property[0].length);
  return { test: found, negated: (letter === "P") !== (property[1] === "^") };
}

const NAMED_PROPERTIES: ReadonlyMap<string, string> = new Map(
  [
    "Alnum",
    "Alpha",
    "Blank",
    "Cntrl",
    "Digit",
    "Graph",
    "Lower",
    "Print",
    "Punct",
    "Space",
    "Upper",
    "XDigit",
    "Word",
  ].map((name) => [name.toLowerCase(), name]),
);

function findProperty(name: string): ((point: number) => boolean) | undefined {
  switch (NAMED_PROPERTIES.get(name.toLowerCase())) {
    case "Alnum":
      return (point) => isWord(point) && !unicodeProperty("Pc")?.(point);
    case "Alpha":
      return unicodeProperty("Alphabetic");
    case "Digit":
      return isDigit;
    case "Lower":
      return unicodeProperty("Lowercase");
    case "Upper":
      return unicodeProperty("Uppercase");
    case "Space":
      return isSpace;
    case "Word":
      return isWord;
    case "XDigit":
      return isHex;
    case "Punct":
      return unicodeProperty("P");
    case "Cntrl":
      return unicodeProperty("Cc");
    default:
      return unicodeProperty(name);
  }
}

/** An escaped character: controls, `\xHH`, `\x{H}`, `\uHHHH`, octal, or the character itself. */
export function parseCharEscape(reader: RegexReader): number {
  const hex = reader.ahead(/^(?:x\{([0-9A-Fa-f]{1,6})\}|x([0-9A-Fa-f]{1,2})|u([0-9A-Fa-f]{4}))/);
  if (hex !== undefined) {
    reader.skip(hex[0].length);
    const point = Number.parseInt(hex[1] ?? hex[2] ?? hex[3] ?? "0", 16);
    return point > 0x10ffff ? reader.fail("too big wide-char value") : point;
  }
  const octal = reader.ahead(/^[0-7]{1,3}/);
  if (octal !== undefined) {
    reader.skip(octal[0].length);
    return Number.parseInt(octal[0], 8) & 255;
  }
  const unit = reader.take();
  if (unit === "") return reader.fail("end pattern at escape");
  return CONTROLS.get(unit) ?? unit.codePointAt(0) ?? 0;
}
