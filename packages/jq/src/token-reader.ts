import type { Ast, Span } from "./ast.ts";
import { SyntaxFinding } from "./diagnostics.ts";
import { readToken, type Token } from "./lexer.ts";

/** Deepest nesting of a filter's text. */
const MAX_NESTING = 400;

/** The levels of the grammar that terms, strings and patterns contain again. */
export interface Grammar {
  /** `a | b`, the loosest level. */
  readonly pipe: (reader: TokenReader) => Ast;
  /** Operators from a level upward, without `,` and `|`. */
  readonly expression: (reader: TokenReader, level: number) => Ast;
}

/** One token of look-ahead over a filter's text, and the ways to complain about it. */
export class TokenReader {
  readonly source: string;
  /** The token that comes next. */
  token: Token;
  readonly #grammar: Grammar;
  #depth = 0;

  constructor(source: string, grammar: Grammar) {
    this.source = source;
    this.#grammar = grammar;
    this.token = readToken(source, 0);
  }

  /** Moves past the current token and returns it. */
  advance(): Token {
    const { token } = this;
    this.token = readToken(this.source, token.end);
    return token;
  }

  /** Continues to read at an offset, after a string was read by hand. */
  moveTo(offset: number): void {
    this.token = readToken(this.source, offset);
  }

  parsePipe(): Ast {
    return this.#grammar.pipe(this);
  }

  parseExpression(): Ast {
    return this.#grammar.expression(this, 0);
  }

  is(operator: string): boolean {
    return this.token.kind === "operator" && this.token.text === operator;
  }

  isKeyword(word: string): boolean {
    return this.token.kind === "keyword" && this.token.text === word;
  }

  skip(operator: string): boolean {
    if (!this.is(operator)) return false;
    this.advance();
    return true;
  }

  skipKeyword(word: string): boolean {
    if (!this.isKeyword(word)) return false;
    this.advance();
    return true;
  }

  expect(operator: string): Token {
    if (!this.is(operator)) this.failUnexpected(`"${operator}"`);
    return this.advance();
  }

  expectKeyword(word: string): void {
    if (!this.skipKeyword(word)) this.failUnexpected(`"${word}"`);
  }

  expectEnd(): void {
    if (this.token.kind !== "end") this.failUnexpected("the end of the filter");
  }

  /** Takes a name; keywords are names here. */
  takeWord(): Token {
    if (this.token.kind !== "word" && this.token.kind !== "keyword") this.failUnexpected("a name");
    return this.advance();
  }

  takeVariable(): Token {
    if (this.token.kind !== "variable") this.failUnexpected('a variable such as "$name"');
    return this.advance();
  }

  /** Runs a nested part of the parser; very deep filters are refused before the host's stack ends. */
  nest<T>(parse: () => T): T {
    if (++this.#depth > MAX_NESTING) this.fail("too-complex", "The filter is nested too deeply", this.token);
    const result = parse();
    this.#depth--;
    return result;
  }

  failUnexpected(expected: string): never {
    const { token } = this;
    const seen = token.kind === "end" ? "the end" : JSON.stringify(this.source.slice(token.start, token.end));
    return this.fail("syntax", `Unexpected ${seen}: expected ${expected}`, token);
  }

  fail(code: string, message: string, span: Span): never {
    throw new SyntaxFinding({ code, message, span: { start: span.start, end: span.end } });
  }
}
