import { SyntaxFinding } from "./diagnostics.ts";

/** Kinds of words in a filter. A string starts with a `quote` token; its inside is read by the parser. */
export type TokenKind = "number" | "field" | "word" | "keyword" | "variable" | "format" | "operator" | "quote" | "end";

/** One word of a filter; `text` is without the leading dot, `$` or `@`. */
export interface Token {
  readonly kind: TokenKind;
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

const KEYWORDS: ReadonlySet<string> = new Set(
  "def module import include if then else elif end as reduce foreach try catch label and or __loc__".split(" "),
);

const OPERATORS: readonly string[] = [
  ...["?//", "//=", "!=", "==", "//", "|=", "+=", "-=", "*=", "/=", "%=", "<=", ">=", ".."],
  ...[".", "[", "]", "(", ")", "{", "}", "|", ",", ":", ";", "=", "<", ">", "+", "-", "*", "/", "%", "?"],
];

const BY_FIRST: ReadonlyMap<string, readonly string[]> = Map.groupBy(OPERATORS, (text) => text.charAt(0));

/** The next token at or after an offset. */
export function readToken(source: string, from: number): Token {
  const start = skipBlank(source, from);
  const first = source.charAt(start);
  if (first === "") return { kind: "end", text: "", start, end: start };
  if (isDigit(first) || (first === "." && isDigit(source.charAt(start + 1)))) return readNumber(source, start);
  if (first === '"') return { kind: "quote", text: first, start, end: start + 1 };
  if (isWordStart(first)) return readWord(source, start);
  if (first === "$" || first === "@" || first === ".") {
    const end = first === "@" ? readPlain(source, start + 1) : readName(source, start + 1, first === "$");
    const kind = first === "$" ? "variable" : first === "@" ? "format" : "field";
    if (end > start + 1) return { kind, text: source.slice(start + 1, end), start, end };
  }
  const operator = BY_FIRST.get(first)?.find((text) => source.startsWith(text, start));
  if (operator === undefined) {
    const span = { start, end: start + 1 };
    throw new SyntaxFinding({ code: "syntax", message: `Unexpected character ${JSON.stringify(first)}`, span });
  }
  return { kind: "operator", text: operator, start, end: start + operator.length };
}

function skipBlank(source: string, from: number): number {
  let at = from;
  for (;;) {
    const unit = source.charAt(at);
    if (unit === "#") at = skipComment(source, at);
    else if (unit === " " || unit === "\n" || unit === "\t" || unit === "\r") at++;
    else return at;
  }
}

/** A comment ends with its line; an odd number of backslashes before the line break continues it. */
function skipComment(source: string, from: number): number {
  let at = from;
  while (at < source.length) {
    const unit = source.charAt(at);
    if (unit === "\n") return at;
    if (unit === "\\") {
      at++;
      if (source.charAt(at) === "\r" && source.charAt(at + 1) === "\n") at++;
    }
    at++;
  }
  return source.length;
}

function readNumber(source: string, start: number): Token {
  let at = skipDigits(source, start);
  if (source.charAt(at) === ".") at = skipDigits(source, at + 1);
  if (source.charAt(at) === "e" || source.charAt(at) === "E") {
    const sign = source.charAt(at + 1) === "+" || source.charAt(at + 1) === "-" ? 1 : 0;
    const end = skipDigits(source, at + 1 + sign);
    if (end > at + 1 + sign) at = end;
  }
  return { kind: "number", text: source.slice(start, at), start, end: at };
}

function readWord(source: string, start: number): Token {
  const end = readName(source, start, true);
  const text = source.slice(start, end);
  return { kind: KEYWORDS.has(text) ? "keyword" : "word", text, start, end };
}

function readName(source: string, start: number, withModules: boolean): number {
  if (!isWordStart(source.charAt(start))) return start;
  const at = readPlain(source, start);
  const joined = withModules && source.startsWith("::", at) && isWordStart(source.charAt(at + 2));
  return joined ? readName(source, at + 2, true) : at;
}

function readPlain(source: string, start: number): number {
  let at = start;
  while (isWordStart(source.charAt(at)) || isDigit(source.charAt(at))) at++;
  return at;
}

function skipDigits(source: string, start: number): number {
  let at = start;
  while (isDigit(source.charAt(at))) at++;
  return at;
}

function isDigit(unit: string): boolean {
  return unit >= "0" && unit <= "9" && unit.length === 1;
}

function isWordStart(unit: string): boolean {
  return (unit >= "a" && unit <= "z") || (unit >= "A" && unit <= "Z") || unit === "_";
}
