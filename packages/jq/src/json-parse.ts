import { fail } from "./errors.ts";
import { type Json, setKey } from "./json.ts";

const MAX_PARSING_DEPTH = 10_000;

/**
 * Reads one JSON text as jq does: also `nan`, `NaN`, `Infinity` and a leading byte order mark; numbers become doubles.
 *
 * @throws {Raise} inside the engine with jq's message; `parseJsonText` of the package's door throws `JqError`
 */
export function readJson(text: string): Json {
  const body = text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
  if (nestsBelowLimit(body)) {
    try {
      return JSON.parse(body) as Json;
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
    }
  }
  const values = new JsonReader(body, text).readAll();
  if (values.length > 1) fail(`Unexpected extra JSON values (while parsing '${text}')`);
  const [value] = values;
  return value === undefined ? fail(`Expected JSON value (while parsing '${text}')`) : value;
}

/** Reads every JSON value of a text, one after the other, as jq reads its input. */
export function readJsonStream(text: string): Json[] {
  const body = text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
  return new JsonReader(body, undefined).readAll();
}

function nestsBelowLimit(text: string): boolean {
  if (text.length <= MAX_PARSING_DEPTH) return true;
  let depth = 0;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit === 0x5b || unit === 0x7b) {
      if (++depth > MAX_PARSING_DEPTH) return false;
    } else if (unit === 0x5d || unit === 0x7d) depth--;
  }
  return true;
}

interface Open {
  readonly items: Json[] | undefined;
  readonly object: { [key: string]: Json } | undefined;
  key: string | undefined;
}

const DELIMITERS = new Set(["[", "{", ":", ",", "]", "}", '"', " ", "\t", "\r", "\n"]);

class JsonReader {
  readonly #text: string;
  readonly #whole: string | undefined;
  readonly #values: Json[] = [];
  readonly #open: Open[] = [];
  /** The value read last, not yet placed into its container. */
  #next: Json | undefined;
  #at = 0;
  #line = 1;
  #lineStart = 0;

  constructor(text: string, whole: string | undefined) {
    this.#text = text;
    this.#whole = whole;
  }

  readAll(): Json[] {
    while (this.#at < this.#text.length) {
      const unit = this.#text[this.#at]!;
      if (unit === '"') this.#setNext(this.#readString());
      else if (DELIMITERS.has(unit)) this.#readToken(unit);
      else this.#setNext(this.#readLiteral());
    }
    if (this.#open.length > 0) this.#fail("Unfinished JSON term at EOF");
    if (this.#next !== undefined) this.#values.push(this.#next);
    return this.#values;
  }

  #readToken(unit: string): void {
    this.#at++;
    switch (unit) {
      case "[":
        return this.#push({ items: [], object: undefined, key: undefined });
      case "{":
        return this.#push({ items: undefined, object: {}, key: undefined });
      case ":":
        return this.#takeKey();
      case ",":
        return this.#separate();
      case "]":
      case "}":
        return this.#close(unit);
      case "\n":
        this.#line++;
        this.#lineStart = this.#at;
    }
  }

  #push(open: Open): void {
    if (this.#open.length >= MAX_PARSING_DEPTH) this.#fail("Exceeds depth limit for parsing");
    this.#flushTop();
    if (this.#next !== undefined) this.#fail("Expected separator between values");
    this.#open.push(open);
  }

  #takeKey(): void {
    const top = this.#open[this.#open.length - 1];
    if (top?.object === undefined) this.#fail("':' not as part of an object");
    if (top?.key !== undefined) this.#fail("':' should follow a key");
    if (typeof this.#next !== "string") this.#fail("Object keys must be strings");
    if (top !== undefined) top.key = this.#next as string;
    this.#next = undefined;
  }

  #separate(): void {
    const top = this.#open[this.#open.length - 1];
    if (top === undefined) this.#fail("',' should separate values in arrays or objects");
    if (this.#next === undefined) this.#fail("Expected value before ','");
    this.#place(top);
  }

  #place(top: Open | undefined): void {
    if (top === undefined || this.#next === undefined) return;
    if (top.items !== undefined) top.items.push(this.#next);
    else if (top.key === undefined) this.#fail("Objects must consist of key:value pairs");
    else if (top.object !== undefined) {
      setKey(top.object, top.key, this.#next);
      top.key = undefined;
    }
    this.#next = undefined;
  }

  #close(unit: string): void {
    const top = this.#open.pop();
    if (top === undefined || (top.items === undefined) !== (unit === "}")) this.#fail(`Unmatched '${unit}'`);
    if (this.#next === undefined && top !== undefined && !isEmptyOpen(top))
      this.#fail(`Expected another ${unit === "]" ? "array element" : "key-value pair"}`);
    this.#place(top);
    this.#next = top?.items ?? top?.object ?? null;
  }

  #setNext(value: Json): void {
    this.#flushTop();
    if (this.#next !== undefined) this.#fail("Expected separator between values");
    this.#next = value;
  }

  /** Between top-level values no separator is needed. */
  #flushTop(): void {
    if (this.#open.length > 0 || this.#next === undefined) return;
    this.#values.push(this.#next);
    this.#next = undefined;
  }

  #readString(): string {
    const start = this.#at++;
    let escaped = false;
    for (; this.#at < this.#text.length; this.#at++) {
      const unit = this.#text[this.#at]!;
      if (!escaped && unit === '"') {
        this.#at++;
        return this.#decodeString(this.#text.slice(start, this.#at));
      }
      escaped = !escaped && unit === "\\";
    }
    return this.#fail("Unfinished string at EOF");
  }

  #decodeString(literal: string): string {
    try {
      return JSON.parse(escapeControls(literal)) as string;
    } catch {
      return this.#fail("Invalid escape");
    }
  }

  #readLiteral(): Json {
    const start = this.#at;
    while (this.#at < this.#text.length && !DELIMITERS.has(this.#text[this.#at]!)) this.#at++;
    const word = this.#text.slice(start, this.#at);
    const value = parseLiteral(word);
    if (value !== undefined) return value;
    const where = this.#at < this.#text.length ? "" : " at EOF";
    if (this.#at < this.#text.length) this.#at++;
    if (word.startsWith("'")) return this.#fail(`Invalid string literal; expected ", but got '${where}`);
    return this.#fail(`Invalid ${/^[tfn]/.test(word) && word !== "nan" ? "literal" : "numeric literal"}${where}`);
  }

  #fail(message: string): never {
    const at = `${message} at line ${this.#line}, column ${this.#at - this.#lineStart}`;
    fail(this.#whole === undefined ? at : `${at} (while parsing '${this.#whole}')`);
  }
}

function isEmptyOpen(open: Open): boolean {
  if (open.items !== undefined) return open.items.length === 0;
  return open.key === undefined && Object.keys(open.object ?? {}).length === 0;
}

function escapeControls(literal: string): string {
  let text = "";
  for (const unit of literal) {
    const code = unit.charCodeAt(0);
    text += code < 0x20 ? `\\u${code.toString(16).padStart(4, "0")}` : unit;
  }
  return text;
}

function parseLiteral(word: string): Json | undefined {
  switch (word) {
    case "null":
      return null;
    case "true":
      return true;
    case "false":
      return false;
    default:
      return parseNumber(word);
  }
}

/** A number as jq reads it in JSON and in `tonumber`: a decimal, `nan` or `infinity`, with an optional sign. */
export function parseNumber(word: string): number | undefined {
  if (word.length > 100_000) return undefined;
  if (isDecimal(word)) return clampNumber(Number(word));
  switch (word.toLowerCase()) {
    case "nan":
    case "+nan":
    case "-nan":
      return Number.NaN;
    case "infinity":
    case "+infinity":
    case "inf":
    case "+inf":
      return Number.POSITIVE_INFINITY;
    case "-infinity":
    case "-inf":
      return Number.NEGATIVE_INFINITY;
    default:
      return undefined;
  }
}

/** Literals beyond the range of doubles count as the largest double. */
export function clampNumber(value: number): number {
  if (value === Number.POSITIVE_INFINITY) return Number.MAX_VALUE;
  return value === Number.NEGATIVE_INFINITY ? -Number.MAX_VALUE : value;
}

function isDecimal(word: string): boolean {
  let at = word[0] === "-" || word[0] === "+" ? 1 : 0;
  const whole = countDigits(word, at);
  at += whole;
  let fraction = 0;
  if (word[at] === ".") {
    fraction = countDigits(word, at + 1);
    at += 1 + fraction;
  }
  if (whole + fraction === 0) return false;
  if (at === word.length) return true;
  if (word[at] !== "e" && word[at] !== "E") return false;
  at++;
  if (word[at] === "-" || word[at] === "+") at++;
  const exponent = countDigits(word, at);
  return exponent > 0 && at + exponent === word.length;
}

function countDigits(word: string, from: number): number {
  let at = from;
  while (word.charCodeAt(at) >= 0x30 && word.charCodeAt(at) <= 0x39) at++;
  return at - from;
}
