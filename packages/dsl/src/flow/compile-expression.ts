import { compileJq, type JqDiagnostic, type JqFilter } from "@stigmer/jq";

/** A compiled expression, or why there is none. */
export type CompiledExpression =
  | { readonly ok: true; readonly filter: JqFilter; readonly variables: readonly string[] }
  | { readonly ok: false; readonly diagnostics: readonly JqDiagnostic[] };

/** Expressions by their text; a pure cache, emptied when it grows beyond MAX_CACHED. */
const compiled = new Map<string, CompiledExpression>();
const MAX_CACHED = 5_000;

/**
 * Compiles jq for a workflow, once per text.
 *
 * Every variable the text names counts as given: whether it is there is checked where the expression stands
 * (validation) and when it runs.
 */
export function compileExpression(source: string): CompiledExpression {
  const known = compiled.get(source);
  if (known !== undefined) return known;
  if (compiled.size >= MAX_CACHED) compiled.clear();
  const entry = compile(source);
  compiled.set(source, entry);
  return entry;
}

/** Names after `$` in a text of jq, without those that jq itself defines. */
function namedVariables(source: string): readonly string[] {
  const names = [...source.matchAll(/\$([A-Za-z_]\w*)/g)].map((match) => match[1] ?? "");
  return [...new Set(names)].filter((name) => name !== "__loc__" && name !== "__prog_args");
}

function compile(source: string): CompiledExpression {
  const result = compileJq(source, { profile: "workflow", variables: namedVariables(source) });
  if (!result.ok) return { ok: false, diagnostics: result.diagnostics };
  return { ok: true, filter: result.filter, variables: [...result.filter.usedVariables] };
}
