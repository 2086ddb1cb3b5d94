import type { AssignOperator, Ast, BinaryOperator, FunctionDefinition, Span } from "./ast.ts";
import { parsePatterns } from "./parse-pattern.ts";
import { parseTerm } from "./parse-term.ts";
import { type Grammar, TokenReader } from "./token-reader.ts";

const GRAMMAR: Grammar = {
  pipe: (reader) => parsePipe(reader),
  expression: (reader, level) => parseExpression(reader, level),
};

/**
 * Parses a filter.
 *
 * @throws {SyntaxFinding} at the first syntax error
 */
export function parseFilter(source: string): Ast {
  const reader = new TokenReader(source, GRAMMAR);
  rejectModules(reader);
  if (reader.token.kind === "end") return { kind: "identity", span: { start: 0, end: source.length } };
  const ast = parsePipe(reader);
  reader.expectEnd();
  return ast;
}

/** Parses definitions only, as a library of built-ins is written. */
export function parseDefinitions(source: string): FunctionDefinition[] {
  const reader = new TokenReader(source, GRAMMAR);
  const definitions: FunctionDefinition[] = [];
  while (reader.token.kind !== "end") definitions.push(parseDefinition(reader));
  return definitions;
}

function rejectModules(reader: TokenReader): void {
  const { token } = reader;
  if (token.kind !== "keyword" || !["module", "import", "include"].includes(token.text)) return;
  reader.fail("modules", `"${token.text}" is not available: a filter cannot load other files`, token);
}

/** `a | b`, the loosest level, with `def`, `label` and `as` that reach to its end. */
function parsePipe(reader: TokenReader): Ast {
  return reader.nest(() => {
    const left = parseComma(reader);
    if (!reader.skip("|")) return left;
    const right = parsePipe(reader);
    return { kind: "pipe", left, right, span: join(left, right) };
  });
}

function parseComma(reader: TokenReader): Ast {
  let left = parseBinding(reader);
  while (reader.skip(",")) {
    const right = parseBinding(reader);
    left = { kind: "comma", left, right, span: join(left, right) };
  }
  return left;
}

function parseBinding(reader: TokenReader): Ast {
  const { start } = reader.token;
  if (reader.isKeyword("def")) {
    const definition = parseDefinition(reader);
    const rest = parsePipe(reader);
    return { kind: "define", definition, rest, span: { start, end: rest.span.end } };
  }
  if (reader.skipKeyword("label")) {
    const name = reader.takeVariable();
    reader.expect("|");
    const body = parsePipe(reader);
    return { kind: "label", name: name.text, body, span: { start, end: body.span.end } };
  }
  const source = parseExpression(reader, 0);
  if (!reader.skipKeyword("as")) return source;
  const patterns = parsePatterns(reader);
  reader.expect("|");
  const body = parsePipe(reader);
  return { kind: "bind", source, patterns, body, span: { start, end: body.span.end } };
}

/** `def name(parameters): body;` */
function parseDefinition(reader: TokenReader): FunctionDefinition {
  const { start } = reader.token;
  reader.expectKeyword("def");
  const name = reader.takeWord();
  const parameters: string[] = [];
  if (reader.skip("(")) {
    do parameters.push(takeParameter(reader));
    while (reader.skip(";"));
    reader.expect(")");
  }
  reader.expect(":");
  const body = parsePipe(reader);
  const { end } = reader.token;
  reader.expect(";");
  return { name: name.text, parameters, body, span: { start, end } };
}

function takeParameter(reader: TokenReader): string {
  if (reader.token.kind === "variable") return `$${reader.takeVariable().text}`;
  return reader.takeWord().text;
}

interface Level {
  readonly level: number;
  readonly side: "left" | "right" | "none";
}

const ROWS: readonly (readonly [side: Level["side"], level: number, operators: string])[] = [
  ["right", 1, "//"],
  ["none", 2, "= |= += -= *= /= %= //="],
  ["left", 3, "or"],
  ["left", 4, "and"],
  ["none", 5, "== != < <= > >="],
  ["left", 6, "+ -"],
  ["left", 7, "* / %"],
];

const LEVELS: ReadonlyMap<string, Level> = new Map(
  ROWS.flatMap(([side, level, operators]) => operators.split(" ").map((text) => [text, { level, side }])),
);

/** Operators from a level upward: `//` 1, assignments 2, `or` 3, `and` 4, comparisons 5, sums 6, products 7. */
function parseExpression(reader: TokenReader, level: number): Ast {
  return reader.nest(() => {
    let left = parseOperand(reader);
    for (;;) {
      const { token } = reader;
      const entry = token.kind === "operator" || token.kind === "keyword" ? LEVELS.get(token.text) : undefined;
      if (entry === undefined || entry.level < level) return left;
      reader.advance();
      const right = parseExpression(reader, entry.side === "right" ? entry.level : entry.level + 1);
      left = combine(token.text, left, right);
      if (entry.side === "none" && LEVELS.get(reader.token.text)?.level === entry.level) {
        reader.failUnexpected("parentheses, because this operator does not chain");
      }
    }
  });
}

function parseOperand(reader: TokenReader): Ast {
  const { start } = reader.token;
  if (!reader.skip("-")) return parseTryable(reader);
  const body = parseOperand(reader);
  return { kind: "negate", body, span: { start, end: body.span.end } };
}

function parseTryable(reader: TokenReader): Ast {
  const { start } = reader.token;
  if (reader.skip("-")) {
    const body = parseTryable(reader);
    return { kind: "negate", body, span: { start, end: body.span.end } };
  }
  if (!reader.skipKeyword("try")) return parseTerm(reader);
  const body = reader.nest(() => parseTryable(reader));
  const handler = reader.skipKeyword("catch") ? reader.nest(() => parseTryable(reader)) : undefined;
  return { kind: "try", body, handler, span: { start, end: (handler ?? body).span.end } };
}

function combine(operator: string, left: Ast, right: Ast): Ast {
  const span = join(left, right);
  switch (operator) {
    case "//":
      return { kind: "alternative", left, right, span };
    case "and":
      return { kind: "and", left, right, span };
    case "or":
      return { kind: "or", left, right, span };
    default:
      return isAssign(operator)
        ? { kind: "assign", operator, left, right, span }
        : { kind: "binary", operator: operator as BinaryOperator, left, right, span };
  }
}

function isAssign(operator: string): operator is AssignOperator {
  return LEVELS.get(operator)?.level === 2;
}

function join(left: Ast, right: Ast): Span {
  return { start: left.span.start, end: right.span.end };
}
