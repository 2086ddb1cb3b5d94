import type { Span } from "./ast.ts";
import { decodeBase32, decodeBase64, encodeBase32, encodeBase64 } from "./base-codes.ts";
import { type Code, codeOfOne } from "./code.ts";
import { fromUtf8, toUtf8 } from "./code-points.ts";
import { suggestName } from "./diagnostics.ts";
import { describe, fail } from "./errors.ts";
import { isArray, type Json } from "./json.ts";
import { formatNumber } from "./json-text.ts";
import { type Natives, native1 } from "./native.ts";
import { toJson, toText } from "./natives-value.ts";
import type { Run } from "./run.ts";
import type { Compilation } from "./scope.ts";

type Write = (run: Run, value: Json) => string;

const HTML: ReadonlyMap<string, string> = new Map([
  ["<", "&lt;"],
  [">", "&gt;"],
  ["&", "&amp;"],
  ["'", "&apos;"],
  ['"', "&quot;"],
]);

const FORMATS: Readonly<Record<string, Write>> = {
  text: toText,
  json: toJson,
  csv: (run, value) => writeRow(run, value, "csv", ",", (text) => `"${text.replaceAll('"', '""')}"`),
  tsv: (run, value) => writeRow(run, value, "tsv", "\t", escapeTsv),
  html: (run, value) => escapeHtml(toText(run, value)),
  uri: (run, value) => encodeUri(toText(run, value)),
  urid: (run, value) => decodeUri(toText(run, value)),
  sh: (run, value) => (isArray(value) ? value : [value]).map((item) => quoteShell(run, item)).join(" "),
  base64: (run, value) => encodeBase64(toUtf8(toText(run, value))),
  base64d: (run, value) => {
    const text = toText(run, value);
    return fromUtf8(decodeBase64(text) ?? failBase64(text)).text;
  },
  base32: (run, value) => encodeBase32(toUtf8(toText(run, value))),
  base32d: (run, value) => {
    const text = toText(run, value);
    return fromUtf8(decodeBase32(text) ?? fail(`${describe(text)} is not valid base32 data`)).text;
  },
};

/** `@name` */
export function makeFormat(name: string, span: Span, to: Compilation): Code {
  const write = Object.hasOwn(FORMATS, name) ? FORMATS[name] : undefined;
  if (write === undefined) {
    const nearby = suggestName(name, Object.keys(FORMATS));
    const suggestion = nearby === undefined ? undefined : `@${nearby}`;
    to.report({ code: "unknown-format", message: `@${name} is not a valid format`, span, suggestion });
    return codeOfOne(() => undefined);
  }
  return codeOfOne((run, _env, input) => {
    run.at = span.start;
    const text = write(run, input);
    run.tick(text.length >> 4);
    run.checkText(text.length);
    return text;
  });
}

/** `format(name)`: a format chosen at run time. */
export const FORMAT_NATIVES: Natives = {
  "format/1": native1((run, input, name) => {
    if (typeof name !== "string") return fail(`${describe(name)} is not a valid format`);
    const write = Object.hasOwn(FORMATS, name) ? FORMATS[name] : undefined;
    return write === undefined ? fail(`${name} is not a valid format`) : write(run, input);
  }),
};

function failBase64(text: string): never {
  const [bare = ""] = text.split("=", 1);
  const trailing = bare.length % 4 === 1 && /^[A-Za-z0-9+/]*$/.test(bare);
  return fail(`${describe(text)} ${trailing ? "trailing base64 byte found" : "is not valid base64 data"}`);
}

function writeRow(run: Run, value: Json, name: string, separator: string, quote: (text: string) => string): string {
  if (!isArray(value)) return fail(`${describe(value)} cannot be ${name}-formatted, only array`);
  return value.map((item) => writeCell(run, item, quote)).join(separator);
}

function writeCell(run: Run, item: Json, quote: (text: string) => string): string {
  run.tick(1);
  if (item === null) return "";
  if (typeof item === "boolean") return String(item);
  if (typeof item === "number") return Number.isNaN(item) ? "" : formatNumber(item);
  return typeof item === "string" ? quote(item) : fail(`${describe(item)} is not valid in a csv row`);
}

function escapeTsv(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll("\t", "\\t").replaceAll("\n", "\\n").replaceAll("\r", "\\r");
}

function escapeHtml(text: string): string {
  let escaped = "";
  for (const unit of text) escaped += HTML.get(unit) ?? unit;
  return escaped;
}

const UNRESERVED = new Set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~");

function encodeUri(text: string): string {
  let encoded = "";
  for (const byte of toUtf8(text)) {
    const unit = String.fromCharCode(byte);
    encoded += UNRESERVED.has(unit) ? unit : `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
  }
  return encoded;
}

function decodeUri(text: string): string {
  const bytes = toUtf8(text);
  const decoded: number[] = [];
  for (let i = 0; i < bytes.length; i++) {
    if (bytes[i] !== 0x25) {
      decoded.push(bytes[i]!);
      continue;
    }
    const hex = String.fromCharCode(bytes[i + 1] ?? 0, bytes[i + 2] ?? 0);
    if (!/^[0-9A-Fa-f]{2}$/.test(hex)) fail(`${describe(text)} is not a valid uri encoding`);
    decoded.push(Number.parseInt(hex, 16));
    i += 2;
  }
  const result = fromUtf8(decoded);
  return result.valid ? result.text : fail(`${describe(text)} is not a valid uri encoding`);
}

function quoteShell(run: Run, item: Json): string {
  if (typeof item === "string") return `'${item.replaceAll("'", "'\\''")}'`;
  if (typeof item === "object" && item !== null) return fail(`${describe(item)} can not be escaped for shell`);
  return toText(run, item);
}
