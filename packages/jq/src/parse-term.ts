import type { Ast, ObjectEntry, Span } from "./ast.ts";
import { positionAt } from "./diagnostics.ts";
import { clampNumber } from "./json-parse.ts";
import { parsePatterns } from "./parse-pattern.ts";
import { parseString } from "./parse-string.ts";
import type { TokenReader } from "./token-reader.ts";

/** A term with everything that follows it: `.key`, `[...]`, `?`. */
export function parseTerm(reader: TokenReader): Ast {
  let direct = reader.token.kind === "field" || reader.is(".");
  let term = parseBareTerm(reader);
  for (;;) {
    const next = reader.is("?") || reader.is("?//") ? parseOptional(reader, term, direct) : parseSuffix(reader, term);
    if (next === undefined) return term;
    direct = next.kind !== "try" && !("optional" in next && next.optional);
    term = next;
  }
}

/** `?` after an access belongs to that access alone; after anything else, and when doubled, to the whole term. */
function parseOptional(reader: TokenReader, target: Ast, direct: boolean): Ast {
  const { start } = reader.token;
  reader.moveTo(start + 1);
  const span = { start: target.span.start, end: start + 1 };
  if (direct && (target.kind === "index" || target.kind === "slice" || target.kind === "iterate")) {
    return { ...target, optional: true, span };
  }
  return { kind: "try", body: target, handler: undefined, span };
}

function parseSuffix(reader: TokenReader, target: Ast): Ast | undefined {
  const { kind, text, start, end } = reader.token;
  if (kind === "field") {
    reader.advance();
    return indexBy(target, { kind: "literal", value: text, span: { start, end } });
  }
  if (kind !== "operator") return undefined;
  if (text === "[") return parseBrackets(reader, target);
  if (text !== ".") return undefined;
  reader.advance();
  if (reader.is("[")) return parseBrackets(reader, target);
  if (reader.token.kind !== "quote") reader.failUnexpected("a key after the dot");
  return indexBy(target, parseString(reader, undefined, reader.token.start));
}

function indexBy(target: Ast, key: Ast): Ast {
  return { kind: "index", target, key, optional: false, span: { start: target.span.start, end: key.span.end } };
}

function parseBrackets(reader: TokenReader, target: Ast): Ast {
  const { start } = target.span;
  reader.expect("[");
  if (reader.is("]")) return { kind: "iterate", target, optional: false, span: { start, end: reader.advance().end } };
  if (reader.skip(":")) {
    const to = reader.parsePipe();
    return {
      kind: "slice",
      target,
      from: undefined,
      to,
      optional: false,
      span: { start, end: reader.expect("]").end },
    };
  }
  const key = reader.parsePipe();
  if (!reader.skip(":"))
    return { kind: "index", target, key, optional: false, span: { start, end: reader.expect("]").end } };
  const to = reader.is("]") ? undefined : reader.parsePipe();
  return { kind: "slice", target, from: key, to, optional: false, span: { start, end: reader.expect("]").end } };
}

function parseBareTerm(reader: TokenReader): Ast {
  const { kind, text, start, end } = reader.token;
  const span = { start, end };
  switch (kind) {
    case "number":
      reader.advance();
      return { kind: "literal", value: clampNumber(Number(text)), span };
    case "quote":
      return parseString(reader, undefined, start);
    case "format":
      reader.advance();
      return reader.token.kind === "quote" ? parseString(reader, text, start) : { kind: "format", name: text, span };
    case "field":
      reader.advance();
      return indexBy(identityAt(start), { kind: "literal", value: text, span });
    case "variable":
      reader.advance();
      if (text !== "__loc__") return { kind: "variable", name: text, span };
      return { kind: "location", line: positionAt(reader.source, start).line, span };
    case "word":
      return parseCall(reader);
    case "keyword":
      return parseKeywordTerm(reader);
    case "operator":
      return parseOperatorTerm(reader);
    case "end":
      return reader.failUnexpected("an expression");
  }
}

function identityAt(offset: number): Ast {
  return { kind: "identity", span: { start: offset, end: offset } };
}

const CONSTANTS: ReadonlyMap<string, null | boolean> = new Map([
  ["null", null],
  ["true", true],
  ["false", false],
]);

function parseCall(reader: TokenReader): Ast {
  const { text, start, end } = reader.advance();
  if (text === "break" && reader.token.kind === "variable") {
    const label = reader.advance();
    return { kind: "break", name: label.text, span: { start, end: label.end } };
  }
  const constant = CONSTANTS.get(text);
  if (constant !== undefined) return { kind: "literal", value: constant, span: { start, end } };
  if (!reader.skip("(")) return { kind: "call", name: text, args: [], span: { start, end } };
  const args = [reader.parsePipe()];
  while (reader.skip(";")) args.push(reader.parsePipe());
  return { kind: "call", name: text, args, span: { start, end: reader.expect(")").end } };
}

function parseOperatorTerm(reader: TokenReader): Ast {
  const { text, start, end } = reader.token;
  switch (text) {
    case ".":
      reader.advance();
      if (reader.token.kind !== "quote") return { kind: "identity", span: { start, end } };
      return indexBy(identityAt(start), parseString(reader, undefined, reader.token.start));
    case "..":
      reader.advance();
      return { kind: "call", name: "recurse", args: [], span: { start, end } };
    case "(": {
      reader.advance();
      const body = reader.parsePipe();
      const close = reader.expect(")");
      return { ...body, span: { start, end: close.end } };
    }
    case "[": {
      reader.advance();
      const body = reader.is("]") ? undefined : reader.parsePipe();
      return { kind: "array", body, span: { start, end: reader.expect("]").end } };
    }
    case "{":
      return parseObject(reader);
    default:
      return reader.failUnexpected("an expression");
  }
}

function parseObject(reader: TokenReader): Ast {
  const { start } = reader.expect("{");
  const entries: ObjectEntry[] = [];
  while (!reader.is("}")) {
    entries.push(parseEntry(reader));
    if (!reader.skip(",")) break;
  }
  return { kind: "object", entries, span: { start, end: reader.expect("}").end } };
}

function parseEntry(reader: TokenReader): ObjectEntry {
  const { kind, text, start, end } = reader.token;
  const span = { start, end };
  if (kind === "variable") {
    const value = parseBareTerm(reader);
    if (reader.skip(":")) return { key: value, value: parseEntryValue(reader) };
    return { key: { kind: "literal", value: text, span }, value };
  }
  if (kind === "word" || kind === "keyword") {
    reader.advance();
    return finishEntry(reader, { kind: "literal", value: text, span });
  }
  if (kind === "quote" || kind === "format") return finishEntry(reader, parseBareTerm(reader));
  if (!reader.skip("(")) reader.failUnexpected("an object key; expressions need parentheses");
  const key = reader.parsePipe();
  reader.expect(")");
  if (key.kind === "literal" && typeof key.value !== "string") {
    reader.fail("invalid-key", `Cannot use ${JSON.stringify(key.value)} as an object key`, key.span);
  }
  reader.expect(":");
  return { key, value: parseEntryValue(reader) };
}

function finishEntry(reader: TokenReader, key: Ast): ObjectEntry {
  if (reader.skip(":")) return { key, value: parseEntryValue(reader) };
  return { key, value: { kind: "index", target: identityAt(key.span.start), key, optional: false, span: key.span } };
}

function parseEntryValue(reader: TokenReader): Ast {
  const left = reader.parseExpression();
  if (!reader.skip("|")) return left;
  const right = parseEntryValue(reader);
  return { kind: "pipe", left, right, span: { start: left.span.start, end: right.span.end } };
}

function parseKeywordTerm(reader: TokenReader): Ast {
  const { text, start } = reader.token;
  switch (text) {
    case "if":
      return parseIf(reader);
    case "reduce":
    case "foreach":
      return parseFold(reader);
    case "def":
    case "label":
      return reader.failUnexpected("an expression; put parentheses around definitions and labels");
    default:
      return reader.fail("syntax", `"${text}" cannot start an expression`, { start, end: reader.token.end });
  }
}

/** `if` or `elif` with all that follows up to `end`. */
function parseIf(reader: TokenReader): Ast {
  const { start } = reader.advance();
  const condition = reader.parsePipe();
  reader.expectKeyword("then");
  const then = reader.parsePipe();
  if (reader.isKeyword("elif")) {
    const otherwise = reader.nest(() => parseIf(reader));
    return { kind: "if", condition, then, otherwise, span: { start, end: otherwise.span.end } };
  }
  const otherwise = reader.skipKeyword("else") ? reader.parsePipe() : undefined;
  const span: Span = { start, end: reader.token.end };
  reader.expectKeyword("end");
  return { kind: "if", condition, then, otherwise, span };
}

function parseFold(reader: TokenReader): Ast {
  const { text, start } = reader.advance();
  const source = reader.parseExpression();
  reader.expectKeyword("as");
  const patterns = parsePatterns(reader);
  reader.expect("(");
  const first = reader.parsePipe();
  reader.expect(";");
  const update = reader.parsePipe();
  if (text === "reduce") {
    const span = { start, end: reader.expect(")").end };
    return { kind: "reduce", source, patterns, start: first, update, span };
  }
  const extract = reader.skip(";") ? reader.parsePipe() : undefined;
  const span = { start, end: reader.expect(")").end };
  return { kind: "foreach", source, patterns, start: first, update, extract, span };
}
