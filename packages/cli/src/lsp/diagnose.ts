import { type Diagnostic, parseManifest } from "@stigmer/dsl";
import { isOurs, type OpenDocument, partsOf } from "./open-documents.ts";
import type { LspDiagnostic, LspRange } from "./protocol.ts";
import { testFileProblems } from "./tested-workflow.ts";

/** Every problem of an open text, in the protocol's form. */
export function diagnose(document: OpenDocument): readonly LspDiagnostic[] {
  if (!isOurs(document)) return [];
  const lines = document.text.split("\n");
  return findProblems(document).map((problem) => toLsp(problem, lines));
}

function findProblems(document: OpenDocument): readonly Diagnostic[] {
  if (document.kind === "test") return testFileProblems(document);
  return partsOf(document).flatMap(
    ({ text, firstLine }) => parseManifest(text, { supported: "now", firstLine }).diagnostics,
  );
}

function toLsp(
  { code, severity, line, column, message, suggestion }: Diagnostic,
  lines: readonly string[],
): LspDiagnostic {
  const replacement = /^Did you mean "(.+)"\?$/.exec(suggestion ?? "")?.[1];
  return {
    range: wordAt(lines, line, column),
    severity: severity === "error" ? 1 : 2,
    code,
    source: "stigmer",
    message: suggestion === undefined ? message : `${message}\n${suggestion}`,
    ...(replacement === undefined ? {} : { data: { replacement } }),
  };
}

/** The word at a place; diagnostics know where they begin only. */
function wordAt(lines: readonly string[], line: number, column: number): LspRange {
  const rest = (lines[line - 1] ?? "").slice(column - 1);
  const word = /^(?:"[^"]*"|'[^']*'|[^\s:,{}[\]]+(?::\/\/[^\s,{}[\]]*)?)/.exec(rest)?.[0] ?? rest.slice(0, 1);
  const at = { line: line - 1, character: column - 1 };
  return { start: at, end: { line: line - 1, character: column - 1 + word.length } };
}
