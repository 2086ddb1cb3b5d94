import { isList, type Json } from "../json.ts";
import { compileExpression } from "./compile-expression.ts";
import type { EvaluateOptions } from "./evaluate-expression.ts";
import { isExpression, unwrapExpression } from "./expression-text.ts";

/** Names of the variables (without `$`) that the expressions of a value read; texts that do not compile read none. */
export function usedVariables(value: Json, options: EvaluateOptions = {}): ReadonlySet<string> {
  const names = new Set<string>();
  for (const text of textsOf(value)) {
    if (options.mode === "loose" || isExpression(text)) for (const name of variablesOf(text)) names.add(name);
  }
  return names;
}

/** Names of the variables that one expression reads, bare or wrapped; none when it does not compile. */
export function variablesOf(expression: string): readonly string[] {
  const compiled = compileExpression(unwrapExpression(expression));
  return compiled.ok ? compiled.variables : [];
}

/** Secrets that expressions read; `isComplete` is false where a name is computed, so that any could be read. */
export interface SecretUse {
  readonly names: readonly string[];
  readonly isComplete: boolean;
}

/** `$secrets` with the member that is read; white space is bounded so that the match stays linear. */
const SECRET_PATH =
  /\$secrets\b(?:\s{0,9}\.\s{0,9}(?:([A-Za-z_]\w*)|"([^"\\]*)")|\s{0,9}\.?\s{0,9}\[\s{0,9}"([^"\\]*)"\s{0,9}\])?/g;

/** Which secrets an expression reads, by the names after `$secrets.`, `$secrets["…"]` or in a pattern of jq. */
export function secretsOf(expression: string): SecretUse {
  const source = unwrapExpression(expression);
  if (!source.includes("$secrets")) return { names: [], isComplete: true };
  const uses = [...source.matchAll(SECRET_PATH)];
  const names = uses.map((match) => match[1] ?? match[2] ?? match[3]);
  const known = names.filter((name) => name !== undefined);
  return { names: [...new Set(known)], isComplete: known.length === names.length };
}

/** All texts of a value, keys left out. */
function* textsOf(value: Json): Generator<string> {
  if (typeof value === "string") yield value;
  else if (isList(value)) for (const item of value) yield* textsOf(item);
  else if (typeof value === "object" && value !== null)
    for (const member of Object.values(value)) yield* textsOf(member);
}
