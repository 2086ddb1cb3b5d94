/** A set of code points, as ranges and as classes that are asked. */
export interface CharSet {
  /** Pairs of first and last code point, inclusive. */
  readonly ranges: readonly (readonly [first: number, last: number])[];
  readonly classes: readonly CharClass[];
  readonly negated: boolean;
  /** Also matches what differs in case only. */
  readonly ignoreCase: boolean;
}

/** A named class, possibly negated. */
export interface CharClass {
  readonly test: (point: number) => boolean;
  readonly negated: boolean;
}

/** True when a set contains a code point. */
export function setContains(set: CharSet, point: number): boolean {
  const found = hasPoint(set, point) || (set.ignoreCase && foldings(point).some((other) => hasPoint(set, other)));
  return found !== set.negated;
}

function hasPoint(set: CharSet, point: number): boolean {
  for (const [first, last] of set.ranges) if (point >= first && point <= last) return true;
  for (const entry of set.classes) if (entry.test(point) !== entry.negated) return true;
  return false;
}

/** Code points that differ from one in case only. */
export function foldings(point: number): number[] {
  const text = String.fromCodePoint(point);
  const others: number[] = [];
  for (const other of [text.toLowerCase(), text.toUpperCase()]) {
    const folded = other.codePointAt(0) ?? point;
    if (folded !== point && String.fromCodePoint(folded).length === other.length) others.push(folded);
  }
  return others;
}

/** True when two code points are equal but for their case. */
export function equalFolded(a: number, b: number): boolean {
  return a === b || foldings(a).includes(b) || foldings(b).some((other) => foldings(a).includes(other));
}

const PROPERTIES = new Map<string, ((point: number) => boolean) | undefined>();

/** Membership in a Unicode property such as `L`, `Nd`, `Script=Greek`; undefined for unknown names. */
export function unicodeProperty(name: string): ((point: number) => boolean) | undefined {
  if (!PROPERTIES.has(name)) PROPERTIES.set(name, makeProperty(name));
  return PROPERTIES.get(name);
}

/** The host's tables are asked about one code point at a time, so its matcher's running time is not in play. */
function makeProperty(name: string): ((point: number) => boolean) | undefined {
  if (PROPERTIES.size > 500 || !/^[A-Za-z][A-Za-z0-9_]{0,40}(=[A-Za-z][A-Za-z0-9_]{0,40})?$/.test(name))
    return undefined;
  for (const candidate of [name, `Script=${name}`]) {
    try {
      const pattern = new RegExp(`^\\p{${candidate}}$`, "u");
      return (point) => pattern.test(String.fromCodePoint(point));
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
    }
  }
  return undefined;
}

function unicode(name: string): (point: number) => boolean {
  return unicodeProperty(name) ?? (() => false);
}

function inAscii(first: string, last: string): (point: number) => boolean {
  const [from, to] = [first.charCodeAt(0), last.charCodeAt(0)];
  return (point) => point >= from && point <= to;
}

const isLower = inAscii("a", "z");
const isUpper = inAscii("A", "Z");
const isAsciiDigit = inAscii("0", "9");
const LETTER = unicode("Alphabetic");
const MARK = unicode("M");
const DECIMAL = unicode("Nd");
const CONNECTOR = unicode("Pc");
const SPACE = unicode("White_Space");

/** `\w`: letters, marks, decimal digits and connectors. */
export function isWord(point: number): boolean {
  if (point < 128) return isLower(point) || isUpper(point) || isAsciiDigit(point) || point === 0x5f;
  return LETTER(point) || MARK(point) || DECIMAL(point) || CONNECTOR(point);
}

/** `\d` */
export function isDigit(point: number): boolean {
  return point < 128 ? isAsciiDigit(point) : DECIMAL(point);
}

/** `\s` */
export function isSpace(point: number): boolean {
  return point < 128 ? point === 0x20 || (point >= 9 && point <= 13) : SPACE(point);
}

/** `\h`: hexadecimal digits. */
export function isHex(point: number): boolean {
  return isAsciiDigit(point) || (point >= 0x61 && point <= 0x66) || (point >= 0x41 && point <= 0x46);
}

/** The bracket classes such as `[:alpha:]`. */
export const POSIX_CLASSES: ReadonlyMap<string, (point: number) => boolean> = new Map([
  ["alnum", (point: number) => LETTER(point) || MARK(point) || DECIMAL(point)],
  ["alpha", (point: number) => LETTER(point) || MARK(point)],
  ["ascii", (point: number) => point < 128],
  ["blank", (point: number) => point === 0x20 || point === 9 || unicode("Zs")(point)],
  ["cntrl", unicode("Cc")],
  ["digit", isDigit],
  [
    "graph",
    (point: number) => !isSpace(point) && !unicode("Cc")(point) && !unicode("Cn")(point) && !unicode("Cs")(point),
  ],
  ["lower", unicode("Lowercase")],
  ["print", (point: number) => point === 0x20 || (!unicode("Cc")(point) && !unicode("Cn")(point))],
  ["punct", (point: number) => unicode("P")(point) || (point < 128 && unicode("S")(point))],
  ["space", isSpace],
  ["upper", unicode("Uppercase")],
  ["xdigit", isHex],
  ["word", isWord],
]);
