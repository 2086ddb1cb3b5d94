import type { Pattern, PatternEntry } from "./ast.ts";
import { parseString } from "./parse-string.ts";
import type { TokenReader } from "./token-reader.ts";

/** `pattern ?// pattern ?// ...` after `as`. */
export function parsePatterns(reader: TokenReader): Pattern[] {
  const patterns = [parsePattern(reader)];
  while (reader.skip("?//")) patterns.push(parsePattern(reader));
  return patterns;
}

function parsePattern(reader: TokenReader): Pattern {
  return reader.nest(() => {
    const { start, end } = reader.token;
    if (reader.token.kind === "variable") {
      return { kind: "variable", name: reader.advance().text, span: { start, end } };
    }
    if (reader.skip("[")) {
      const items = [parsePattern(reader)];
      while (reader.skip(",")) items.push(parsePattern(reader));
      return { kind: "array", items, span: { start, end: reader.expect("]").end } };
    }
    if (!reader.skip("{")) reader.failUnexpected('a variable, "[" or "{"');
    const entries = [parseEntry(reader)];
    while (reader.skip(",")) entries.push(parseEntry(reader));
    return { kind: "object", entries, span: { start, end: reader.expect("}").end } };
  });
}

function parseEntry(reader: TokenReader): PatternEntry {
  const { kind, text, start, end } = reader.token;
  const span = { start, end };
  if (kind === "variable") {
    reader.advance();
    const value = reader.skip(":") ? parsePattern(reader) : undefined;
    return { variable: text, key: { kind: "literal", value: text, span }, value };
  }
  if (kind === "word" || kind === "keyword") {
    reader.advance();
    reader.expect(":");
    return { variable: undefined, key: { kind: "literal", value: text, span }, value: parsePattern(reader) };
  }
  if (kind === "quote") {
    const key = parseString(reader, undefined, start);
    reader.expect(":");
    return { variable: undefined, key, value: parsePattern(reader) };
  }
  reader.expect("(");
  const key = reader.parsePipe();
  reader.expect(")");
  if (key.kind === "literal" && typeof key.value !== "string") {
    reader.fail("invalid-key", `Cannot use ${JSON.stringify(key.value)} as an object key`, key.span);
  }
  reader.expect(":");
  return { variable: undefined, key, value: parsePattern(reader) };
}
