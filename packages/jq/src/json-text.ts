import { isArray, type Json, type JsonObject, type Meter, sortedKeys } from "./json.ts";

/** How {@link toJsonText} lays out its text. */
export interface JsonTextOptions {
  /** Spaces per level; default 0, everything on one line. */
  readonly indent?: number;
  /** Sorts the keys of objects by code point; default false, insertion order. */
  readonly sortKeys?: boolean;
}

/** Text of a value as jq prints it: NaN as null, infinities as the largest doubles, jq's number format. */
export function toJsonText(value: Json, options: JsonTextOptions = {}): string {
  return writeJson(value, options, undefined);
}

/** Compact text of a value. */
export function dumpJson(value: Json): string {
  return writeJson(value, {}, undefined);
}

/** Beginning of the compact text of a value, a little more than `length` units when there is more. */
export function dumpStart(value: Json, length: number): string {
  if (typeof value === "string" && value.length > length) return quoteJson(value.slice(0, length));
  return writeJson(value, {}, undefined, length);
}

const MAX_PRINT_DEPTH = 10_000;

interface Frame {
  readonly items: readonly Json[] | undefined;
  readonly object: JsonObject | undefined;
  readonly keys: readonly string[];
  next: number;
}

/** As {@link toJsonText}; the meter is told the growth of the text, so that shared parts cannot explode. */
export function writeJson(
  root: Json,
  options: JsonTextOptions,
  meter: Meter | undefined,
  cutAt = Number.POSITIVE_INFINITY,
): string {
  if (typeof root !== "object" || root === null) return writeScalar(root);
  const indent = options.indent ?? 0;
  const sort = options.sortKeys ?? false;
  const stack: Frame[] = [openFrame(root, sort)];
  const text = new TextBuilder(meter, isArray(root) ? "[" : "{");
  for (let top = stack[0]; top !== undefined; top = stack[stack.length - 1]) {
    const size = top.items === undefined ? top.keys.length : top.items.length;
    if (top.next >= size) {
      stack.pop();
      text.add((size > 0 ? breakLine(indent, stack.length) : "") + (top.items === undefined ? "}" : "]"));
      continue;
    }
    const lead = (top.next > 0 ? "," : "") + breakLine(indent, stack.length);
    const value = takeNext(top);
    const key = top.object === undefined ? "" : quoteJson(top.keys[top.next - 1]!) + (indent > 0 ? ": " : ":");
    if (typeof value !== "object" || value === null) text.add(lead + key + writeScalar(value));
    else if (stack.length > MAX_PRINT_DEPTH) text.add(`${lead}${key}"<skipped: too deep>"`);
    else {
      stack.push(openFrame(value, sort));
      text.add(lead + key + (isArray(value) ? "[" : "{"));
    }
    if (text.length > cutAt) break;
  }
  return text.toString();
}

const CHUNK_UNITS = 4096;

/** Joins pieces to a text in chunks; very long strings made piece by piece are slow in V8. */
class TextBuilder {
  readonly #meter: Meter | undefined;
  readonly #chunks: string[] = [];
  #chunk: string;
  #size = 0;

  constructor(meter: Meter | undefined, start: string) {
    this.#meter = meter;
    this.#chunk = start;
  }

  get length(): number {
    return this.#size + this.#chunk.length;
  }

  add(piece: string): void {
    this.#chunk += piece;
    this.#meter?.tick(1 + (piece.length >> 3));
    if (this.#chunk.length < CHUNK_UNITS) return;
    this.#size += this.#chunk.length;
    this.#chunks.push(this.#chunk);
    this.#chunk = "";
    this.#meter?.checkText(this.#size);
  }

  toString(): string {
    return this.#chunks.length === 0 ? this.#chunk : this.#chunks.join("") + this.#chunk;
  }
}

function openFrame(value: readonly Json[] | JsonObject, sort: boolean): Frame {
  if (isArray(value)) return { items: value, object: undefined, keys: [], next: 0 };
  return { items: undefined, object: value, keys: sort ? sortedKeys(value) : Object.keys(value), next: 0 };
}

function takeNext(frame: Frame): Json {
  const at = frame.next++;
  if (frame.items !== undefined) return frame.items[at] ?? null;
  return frame.object?.[frame.keys[at]!] ?? null;
}

function breakLine(indent: number, depth: number): string {
  return indent === 0 ? "" : `\n${" ".repeat(indent * depth)}`;
}

function writeScalar(value: Json): string {
  switch (typeof value) {
    case "string":
      return quoteJson(value);
    case "number":
      return formatNumber(value);
    default:
      return String(value);
  }
}

/** JSON string literal of a text; lone surrogates become U+FFFD and DEL is escaped, as jq does. */
export function quoteJson(text: string): string {
  const quoted = JSON.stringify(text.isWellFormed() ? text : text.toWellFormed());
  return quoted.includes("\u007f") ? quoted.replaceAll("\u007f", "\\u007f") : quoted;
}

/** A number as jq prints it: up to 17 digits, exponents of at least two digits from 1e17 on and below 1e-5. */
export function formatNumber(value: number): string {
  if (Number.isSafeInteger(value)) {
    if (value !== 0) return value < 1e15 && value > -1e15 ? `${value}` : formatLong(value);
    return Object.is(value, -0) ? "-0" : "0";
  }
  if (Number.isNaN(value)) return "null";
  if (!Number.isFinite(value)) return value > 0 ? "1.7976931348623157e+308" : "-1.7976931348623157e+308";
  return formatLong(value);
}

function formatLong(value: number): string {
  const [mantissa = "", power = "0"] = Math.abs(value).toExponential().split("e");
  const digits = mantissa.replace(".", "");
  const sign = value < 0 ? "-" : "";
  const point = Number(power) + 1;
  if (point <= -5 || point > digits.length + 15) {
    const exponent = point - 1;
    const size = String(Math.abs(exponent)).padStart(2, "0");
    const fraction = digits.length > 1 ? `.${digits.slice(1)}` : "";
    return `${sign}${digits[0]}${fraction}e${exponent < 0 ? "-" : "+"}${size}`;
  }
  if (point <= 0) return `${sign}0.${"0".repeat(-point)}${digits}`;
  if (point >= digits.length) return sign + digits + "0".repeat(point - digits.length);
  return `${sign}${digits.slice(0, point)}.${digits.slice(point)}`;
}
