import type { Ast } from "./ast.ts";
import type { TokenReader } from "./token-reader.ts";

const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['"', '"'],
  ["\\", "\\"],
  ["/", "/"],
  ["b", "\b"],
  ["f", "\f"],
  ["n", "\n"],
  ["r", "\r"],
  ["t", "\t"],
]);

/** A string literal with interpolations; the reader stands on its opening quote. */
export function parseString(reader: TokenReader, format: string | undefined, start: number): Ast {
  const parts: (string | Ast)[] = [];
  let at = reader.token.end;
  let text = "";
  for (;;) {
    const unit = reader.source.charAt(at);
    if (unit === "") reader.fail("syntax", "This string has no closing quote", { start, end: reader.source.length });
    if (unit === '"') break;
    if (unit !== "\\") {
      text += unit;
      at++;
    } else if (reader.source.charAt(at + 1) === "(") {
      if (text !== "") parts.push(text);
      text = "";
      const part = readInterpolation(reader, at + 2);
      parts.push(part.body);
      at = part.end;
    } else {
      const decoded = readEscape(reader, at);
      text += decoded.text;
      at += decoded.size;
    }
  }
  if (text !== "") parts.push(text);
  reader.moveTo(at + 1);
  const span = { start, end: at + 1 };
  if (parts.every((part) => typeof part === "string")) return { kind: "literal", value: parts.join(""), span };
  return { kind: "string", format, parts, span };
}

function readInterpolation(reader: TokenReader, at: number): { readonly body: Ast; readonly end: number } {
  reader.moveTo(at);
  const body = reader.parsePipe();
  if (!reader.is(")")) reader.failUnexpected('")" at the end of the interpolation');
  return { body, end: reader.token.end };
}

function readEscape(reader: TokenReader, at: number): { readonly text: string; readonly size: number } {
  const letter = reader.source.charAt(at + 1);
  const plain = ESCAPES.get(letter);
  if (plain !== undefined) return { text: plain, size: 2 };
  const unit = letter === "u" ? readHex(reader.source, at + 2) : undefined;
  if (unit === undefined) {
    const message = `"\\${letter}" is no escape; known are \\" \\\\ \\/ \\b \\f \\n \\r \\t \\uXXXX and \\(expression)`;
    return reader.fail("syntax", message, { start: at, end: Math.min(at + 2, reader.source.length) });
  }
  if (unit < 0xd800 || unit > 0xdfff) return { text: String.fromCharCode(unit), size: 6 };
  const low = reader.source.startsWith("\\u", at + 6) ? readHex(reader.source, at + 8) : undefined;
  if (unit < 0xdc00 && low !== undefined && low >= 0xdc00 && low <= 0xdfff) {
    return { text: String.fromCharCode(unit, low), size: 12 };
  }
  return { text: "\ufffd", size: 6 };
}

function readHex(source: string, at: number): number | undefined {
  let value = 0;
  for (let i = 0; i < 4; i++) {
    const digit = "0123456789abcdef".indexOf(source.charAt(at + i).toLowerCase());
    if (digit < 0 || source.charAt(at + i) === "") return undefined;
    value = value * 16 + digit;
  }
  return value;
}
