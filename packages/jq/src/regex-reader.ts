import { Raise } from "./errors.ts";

/** Options in force at a place of a pattern. */
export interface RegexOptions {
  readonly ignoreCase: boolean;
  readonly extended: boolean;
  /** `.` also matches a line break. */
  readonly dotNewline: boolean;
  /** `^` and `$` also match at line breaks. */
  readonly multiline: boolean;
}

const MAX_NESTING = 200;
const MAX_REPEATS = 5_000;

/** Reads a pattern code point by code point and numbers its groups. */
export class RegexReader {
  readonly pattern: string;
  readonly names: (string | undefined)[] = [];
  /** Groups of the whole pattern, for references that come before their group. */
  readonly groupCount: number;
  #at = 0;
  #depth = 0;
  #repeats = 0;

  constructor(pattern: string, groupCount: number) {
    this.pattern = pattern;
    this.groupCount = groupCount;
  }

  atEnd(): boolean {
    return this.#at >= this.pattern.length;
  }

  peek(): string {
    const point = this.pattern.codePointAt(this.#at);
    return point === undefined ? "" : String.fromCodePoint(point);
  }

  take(): string {
    const unit = this.peek();
    this.#at += unit.length;
    return unit;
  }

  skip(length: number): void {
    this.#at += length;
  }

  skipText(text: string): boolean {
    if (!this.pattern.startsWith(text, this.#at)) return false;
    this.#at += text.length;
    return true;
  }

  skipBlank(): void {
    while (/^[ \t\n\r\f\v]$/.test(this.peek())) this.take();
  }

  /** Matches one of the parser's own expressions on a short piece of what follows. */
  ahead(expression: RegExp): RegExpExecArray | undefined {
    return expression.exec(this.pattern.slice(this.#at, this.#at + 120)) ?? undefined;
  }

  addGroup(name: string | undefined): number {
    this.names.push(name);
    return this.names.length;
  }

  open(): void {
    if (++this.#depth > MAX_NESTING) this.fail("too deep nest level");
  }

  close(): void {
    this.#depth--;
  }

  countRepeat(): void {
    if (++this.#repeats > MAX_REPEATS) this.fail("too many repeat operators");
  }

  fail(reason: string): never {
    throw new Raise(this.describe(reason));
  }

  describe(reason: string): string {
    return `Regex failure: ${reason}`;
  }
}

/** Number of capturing groups of a pattern, so that `\10` can be told from `\1` followed by `0`. */
export function countGroups(pattern: string, options: RegexOptions): number {
  let count = 0;
  let inClass = false;
  for (let i = 0; i < pattern.length; i++) {
    const unit = pattern[i];
    if (unit === "\\") i++;
    else if (inClass) inClass = unit !== "]";
    else if (unit === "[") inClass = true;
    else if (unit === "(" && (pattern[i + 1] !== "?" || /^\?(<[^=!]|')/.test(pattern.slice(i + 1, i + 4)))) count++;
    else if (unit === "#" && options.extended) i = endOfLine(pattern, i);
  }
  return count;
}

function endOfLine(pattern: string, from: number): number {
  const end = pattern.indexOf("\n", from);
  return end < 0 ? pattern.length : end;
}
