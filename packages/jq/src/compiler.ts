import type { Ast } from "./ast.ts";
import type { Code } from "./code.ts";
import type { Compilation, Scope } from "./scope.ts";

/** The compiler as its parts call it again for inner expressions. */
export type Compile = (ast: Ast, scope: Scope, to: Compilation) => Code;

/** One kind of syntax node. */
export type AstOf<Kind extends Ast["kind"]> = Extract<Ast, { readonly kind: Kind }>;
