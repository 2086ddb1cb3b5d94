import { compileExpression } from "../flow/compile-expression.ts";
import { expressionOffset, isExpression, unwrapExpression } from "../flow/expression-text.ts";
import { secretsOf } from "../flow/used-variables.ts";
import { didYouMean } from "../text/suggest-name.ts";
import type { Finding, TextUse } from "./findings.ts";
import { STANDARD_VARIABLES } from "./scopes.ts";

/** What the pass over expressions knows about the document. */
export interface ExpressionRules {
  readonly isLoose: boolean;
  /** Names in `use.secrets`. */
  readonly secrets: readonly string[];
  /** Makes `secret-in-data` an error. */
  readonly strictSecrets: boolean;
}

/** Compiles every expression and checks the variables and secrets it reads; looks for texts meant as expressions. */
export function checkExpressions(texts: readonly TextUse[], rules: ExpressionRules): readonly Finding[] {
  return texts.flatMap((use) => {
    if (use.kind === "always" || isExpression(use.text)) return checkExpression(use, rules);
    return rules.isLoose || use.kind === "code" ? [] : checkPlainText(use);
  });
}

function checkExpression(use: TextUse, rules: ExpressionRules): readonly Finding[] {
  const source = unwrapExpression(use.text);
  const compiled = compileExpression(source);
  if (compiled.ok) {
    return [
      ...checkVariables(use, source, compiled.variables),
      ...checkSecrets(use, source, compiled.variables, rules),
    ];
  }
  const offset = expressionOffset(use.text);
  return compiled.diagnostics.map((diagnostic) => ({
    code: `expression-${diagnostic.code}`,
    severity: "error" as const,
    pointer: use.pointer,
    at: { index: offset + diagnostic.position.offset },
    message: diagnostic.message,
    suggestion: hintOf(diagnostic.suggestion) ?? partialHint(use.text),
  }));
}

function checkVariables(use: TextUse, source: string, names: readonly string[]): readonly Finding[] {
  const { standard, local, isOpen } = use.scope;
  return names
    .filter((name) => !standard.includes(name) && !local.includes(name))
    .filter((name) => !isOpen || STANDARD_VARIABLES.includes(name))
    .map((name) => {
      const isKnown = STANDARD_VARIABLES.includes(name);
      const here = [...standard, ...local];
      return {
        code: isKnown ? "variable-not-available" : "unknown-variable",
        severity: "error" as const,
        pointer: use.pointer,
        at: { index: expressionOffset(use.text) + indexOfVariable(source, name) },
        message: isKnown ? `Variable $${name} is not available here` : `Unknown variable $${name}`,
        suggestion: didYouMean(name, here) ?? `Available here: ${here.map((known) => `$${known}`).join(", ")}.`,
      };
    });
}

function checkSecrets(
  use: TextUse,
  source: string,
  variables: readonly string[],
  rules: ExpressionRules,
): readonly Finding[] {
  if (!variables.includes("secrets")) return [];
  const at = { index: expressionOffset(use.text) + indexOfVariable(source, "secrets") };
  const undeclared = secretsOf(use.text)
    .names.filter((name) => !rules.secrets.includes(name))
    .map((name) => ({
      code: "undeclared-secret",
      severity: "error" as const,
      pointer: use.pointer,
      at,
      message: `Secret "${name}" is not declared`,
      suggestion: didYouMean(name, rules.secrets) ?? `Add "${name}" to use.secrets.`,
    }));
  if (use.scope.isEffect) return undeclared;
  const leak: Finding = {
    code: "secret-in-data",
    severity: rules.strictSecrets ? "error" : "warning",
    pointer: use.pointer,
    at,
    message: "A secret is read into the workflow's data, where later tasks and outputs can show it",
    suggestion: "Read $secrets in the arguments of the call or process that needs it.",
  };
  return [...undeclared, leak];
}

/** A path or a variable, as someone writes it who forgot the wrapping. */
const LOOKS_LIKE_JQ = /^(?:\.[A-Za-z_][\w.]*(?:\[\d*\])*|\$[A-Za-z_]\w*(?:[.[|+ ].*)?)$/;

function checkPlainText({ text, pointer }: TextUse): readonly Finding[] {
  const start = text.indexOf("${");
  if (start >= 0) {
    return [
      {
        code: "partial-interpolation",
        severity: "warning",
        pointer,
        at: { index: start },
        message: "This text is taken as it is: an expression must be the whole text",
        suggestion: String.raw`Write one expression, such as "${"${"} \"Hello \\(.name)\" }".`,
      },
    ];
  }
  if (!LOOKS_LIKE_JQ.test(text.trim())) return [];
  return [
    {
      code: "literal-expression",
      severity: "warning",
      pointer,
      at: "value",
      message: `"${text.trim()}" is taken as a text, not as an expression`,
      suggestion: `Write "\${ ${text.trim()} }" to have it evaluated.`,
    },
  ];
}

/** jq suggests a bare name, or says what to do. */
function hintOf(suggestion: string | undefined): string | undefined {
  return suggestion !== undefined && /^[$@]?\w+$/.test(suggestion) ? `Did you mean "${suggestion}"?` : suggestion;
}

function partialHint(text: string): string | undefined {
  return text.indexOf("${", 2) > 0 ? "Only one ${ } around the whole text is an expression." : undefined;
}

function indexOfVariable(source: string, name: string): number {
  const match = new RegExp(`\\$${name}\\b`).exec(source);
  return match?.index ?? 0;
}
