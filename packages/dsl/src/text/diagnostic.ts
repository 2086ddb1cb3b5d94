/** A place in a text; both count from 1, columns in UTF-16 units. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** A problem of a document. */
export interface Diagnostic extends Position {
  /** Permanent kebab-case word. */
  readonly code: string;
  /** An `error` makes the document unusable, a `warning` points at something surprising. */
  readonly severity: "error" | "warning";
  /** JSON pointer into the document; empty for the whole of it. */
  readonly pointer: string;
  readonly message: string;
  /** An edit that would help. */
  readonly suggestion?: string;
}

/** Diagnostics in the order a reader meets them: by line, then column, errors before warnings. */
export function sortDiagnostics(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  return [...diagnostics].sort(
    (a, b) =>
      a.line - b.line || a.column - b.column || a.severity.localeCompare(b.severity) || (a.code < b.code ? -1 : 1),
  );
}

/** True when a document with these diagnostics cannot be used. */
export function hasErrors(diagnostics: readonly Diagnostic[]): boolean {
  return diagnostics.some((diagnostic) => diagnostic.severity === "error");
}

/** Most diagnostics that are given of one document. */
const MAX_DIAGNOSTICS = 1_000;

/** The first diagnostics, with a last one that counts those left out; an error stays an error. */
export function limitDiagnostics(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  const rest = diagnostics.slice(MAX_DIAGNOSTICS);
  const [first] = rest;
  if (first === undefined) return diagnostics;
  const severity = hasErrors(rest) ? "error" : "warning";
  const message = `${rest.length} more problems are not shown`;
  return [...diagnostics.slice(0, MAX_DIAGNOSTICS), { ...first, code: "more-problems", severity, message }];
}
