import type { Json } from "./json.ts";

/** Where a piece of a filter stands: UTF-16 offsets, end exclusive. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** Operators with two values and one result. */
export type BinaryOperator = "+" | "-" | "*" | "/" | "%" | "==" | "!=" | "<" | "<=" | ">" | ">=";

/** Assignment operators. */
export type AssignOperator = "=" | "|=" | "+=" | "-=" | "*=" | "/=" | "%=" | "//=";

/** One key and value of an object construction. */
export interface ObjectEntry {
  readonly key: Ast;
  readonly value: Ast;
}

/** What stands after `as`: a variable, an array or an object pattern. */
export type Pattern =
  | { readonly kind: "variable"; readonly name: string; readonly span: Span }
  | { readonly kind: "array"; readonly items: readonly Pattern[]; readonly span: Span }
  | { readonly kind: "object"; readonly entries: readonly PatternEntry[]; readonly span: Span };

/** One entry of an object pattern: `$name`, `$name: pattern`, `key: pattern` or `(expression): pattern`. */
export interface PatternEntry {
  readonly variable: string | undefined;
  readonly key: Ast;
  readonly value: Pattern | undefined;
}

/** A function definition; parameters that start with `$` are values. */
export interface FunctionDefinition {
  readonly name: string;
  readonly parameters: readonly string[];
  readonly body: Ast;
  readonly span: Span;
}

/** Syntax tree of a filter; `optional` drops the errors of the access itself, not those of its parts. */
export type Ast = AstNode & { readonly span: Span };

type AstNode =
  | { readonly kind: "identity" }
  | { readonly kind: "literal"; readonly value: Json }
  | { readonly kind: "location"; readonly line: number }
  | { readonly kind: "variable"; readonly name: string }
  | { readonly kind: "index"; readonly target: Ast; readonly key: Ast; readonly optional: boolean }
  | {
      readonly kind: "slice";
      readonly target: Ast;
      readonly from: Ast | undefined;
      readonly to: Ast | undefined;
      readonly optional: boolean;
    }
  | { readonly kind: "iterate"; readonly target: Ast; readonly optional: boolean }
  | { readonly kind: "string"; readonly format: string | undefined; readonly parts: readonly (string | Ast)[] }
  | { readonly kind: "format"; readonly name: string }
  | { readonly kind: "array"; readonly body: Ast | undefined }
  | { readonly kind: "object"; readonly entries: readonly ObjectEntry[] }
  | { readonly kind: "negate"; readonly body: Ast }
  | { readonly kind: "pipe"; readonly left: Ast; readonly right: Ast }
  | { readonly kind: "comma"; readonly left: Ast; readonly right: Ast }
  | { readonly kind: "binary"; readonly operator: BinaryOperator; readonly left: Ast; readonly right: Ast }
  | { readonly kind: "and"; readonly left: Ast; readonly right: Ast }
  | { readonly kind: "or"; readonly left: Ast; readonly right: Ast }
  | { readonly kind: "alternative"; readonly left: Ast; readonly right: Ast }
  | { readonly kind: "assign"; readonly operator: AssignOperator; readonly left: Ast; readonly right: Ast }
  | { readonly kind: "if"; readonly condition: Ast; readonly then: Ast; readonly otherwise: Ast | undefined }
  | { readonly kind: "try"; readonly body: Ast; readonly handler: Ast | undefined }
  | {
      readonly kind: "reduce";
      readonly source: Ast;
      readonly patterns: readonly Pattern[];
      readonly start: Ast;
      readonly update: Ast;
    }
  | {
      readonly kind: "foreach";
      readonly source: Ast;
      readonly patterns: readonly Pattern[];
      readonly start: Ast;
      readonly update: Ast;
      readonly extract: Ast | undefined;
    }
  | { readonly kind: "define"; readonly definition: FunctionDefinition; readonly rest: Ast }
  | { readonly kind: "call"; readonly name: string; readonly args: readonly Ast[] }
  | { readonly kind: "bind"; readonly source: Ast; readonly patterns: readonly Pattern[]; readonly body: Ast }
  | { readonly kind: "label"; readonly name: string; readonly body: Ast }
  | { readonly kind: "break"; readonly name: string };
