import type { Ast } from "./ast.ts";
import type { Code } from "./code.ts";
import { compileAssign, isIndependent } from "./compile-assign.ts";
import { compileBind } from "./compile-bind.ts";
import { compileCall, compileDefine } from "./compile-call.ts";
import { compileFold } from "./compile-fold.ts";
import { compileBreak, compileLabel, compileVariable } from "./compile-names.ts";
import type { AstOf, Compile } from "./compiler.ts";
import { makeFormat } from "./formats.ts";
import { makeIndex, makeIterate, makeSlice } from "./forms-access.ts";
import { makeAlternative, makeComma, makeIf, makeLogic, makePipe, makeTry } from "./forms-control.ts";
import { IDENTITY, makeArray, makeConstant, makeNegate, makeObject, makeOperator, makeString } from "./forms-value.ts";

/** Compiles a syntax tree to closures; problems go to the compilation's findings. */
export const compileAst: Compile = (ast, scope, to) => {
  to.countNode(ast);
  const sub = (part: Ast): Code => compileAst(part, scope, to);
  switch (ast.kind) {
    case "variable":
      return compileVariable(ast, scope, to);
    case "reduce":
    case "foreach":
      return compileFold(compileAst, ast, scope, to);
    case "define":
      return compileDefine(compileAst, ast, scope, to);
    case "call":
      return compileCall(compileAst, ast, scope, to);
    case "bind":
      return compileBind(compileAst, ast, scope, to);
    case "label":
      return compileLabel(compileAst, ast, scope, to);
    case "break":
      return compileBreak(ast, scope, to);
    case "string":
      return makeString(
        ast.parts.map((part) => (typeof part === "string" ? part : sub(part))),
        makeFormat(ast.format ?? "text", ast.span, to),
      );
    case "format":
      return makeFormat(ast.name, ast.span, to);
    case "index":
    case "slice":
    case "iterate":
      return compileAccess(ast, sub);
    case "pipe":
    case "comma":
    case "and":
    case "or":
    case "alternative":
    case "if":
    case "try":
      return compileControl(ast, sub);
    default:
      return compileValue(ast, sub);
  }
};

type Sub = (part: Ast) => Code;

function optional(sub: Sub, part: Ast | undefined): Code | undefined {
  return part === undefined ? undefined : sub(part);
}

function compileAccess(ast: AstOf<"index"> | AstOf<"slice"> | AstOf<"iterate">, sub: Sub): Code {
  const place = { at: Math.max(ast.span.start, ast.target.span.end), optional: ast.optional };
  switch (ast.kind) {
    case "index":
      return makeIndex(sub(ast.target), sub(ast.key), place);
    case "slice":
      return makeSlice(sub(ast.target), optional(sub, ast.from), optional(sub, ast.to), place);
    case "iterate":
      return makeIterate(sub(ast.target), place);
  }
}

type ControlAst = AstOf<"pipe" | "comma" | "and" | "or" | "alternative" | "if" | "try">;

function compileControl(ast: ControlAst, sub: Sub): Code {
  switch (ast.kind) {
    case "pipe":
      return makePipe(sub(ast.left), sub(ast.right));
    case "comma":
      return makeComma(sub(ast.left), sub(ast.right));
    case "and":
    case "or":
      return makeLogic(sub(ast.left), sub(ast.right), ast.kind === "or");
    case "alternative":
      return makeAlternative(sub(ast.left), sub(ast.right));
    case "if":
      return makeIf(sub(ast.condition), sub(ast.then), optional(sub, ast.otherwise) ?? IDENTITY);
    case "try":
      return makeTry(sub(ast.body), optional(sub, ast.handler));
  }
}

type ValueAst = AstOf<"identity" | "literal" | "location" | "array" | "object" | "negate" | "binary" | "assign">;

function compileValue(ast: ValueAst, sub: Sub): Code {
  const at = ast.span.start;
  switch (ast.kind) {
    case "identity":
      return IDENTITY;
    case "literal":
      return makeConstant(ast.value);
    case "location":
      return makeConstant({ file: "<top-level>", line: ast.line });
    case "array":
      return makeArray(optional(sub, ast.body));
    case "object":
      return makeObject(
        ast.entries.map(({ key, value }) => ({ key: sub(key), value: sub(value) })),
        at,
      );
    case "negate":
      return makeNegate(sub(ast.body), at);
    case "binary":
      return makeOperator(ast.operator, sub(ast.left), sub(ast.right), at);
    case "assign":
      return compileAssign({
        operator: ast.operator,
        left: sub(ast.left),
        right: sub(ast.right),
        at,
        independent: isIndependent(ast.right),
      });
  }
}
