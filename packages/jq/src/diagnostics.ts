import type { Span } from "./ast.ts";
import type { JqPosition } from "./errors.ts";

/** A problem of a filter's text, found before it runs. */
export interface JqDiagnostic {
  /** Permanent kebab-case word: `syntax`, `unknown-function`, `unknown-variable`, `unknown-label`, `invalid-key`, `not-available`, `modules`, `too-complex`. */
  readonly code: string;
  readonly message: string;
  readonly position: JqPosition;
  /** Length of the marked text in UTF-16 units, at least 0. */
  readonly length: number;
  /** A nearby name or an edit that would help. */
  readonly suggestion?: string;
}

/** Place of an offset in a text. */
export function positionAt(source: string, offset: number): JqPosition {
  let line = 1;
  let lineStart = 0;
  for (let i = source.indexOf("\n"); i >= 0 && i < offset; i = source.indexOf("\n", i + 1)) {
    line++;
    lineStart = i + 1;
  }
  return { offset, line, column: offset - lineStart + 1 };
}

/** A diagnostic before its place is counted out. */
export interface Finding {
  readonly code: string;
  readonly message: string;
  readonly span: Span;
  readonly suggestion?: string | undefined;
}

/** Thrown by the parser at the first syntax error. */
export class SyntaxFinding {
  readonly finding: Finding;

  constructor(finding: Finding) {
    this.finding = finding;
  }
}

/** Turns a finding into a diagnostic with line and column. */
export function toDiagnostic(source: string, finding: Finding): JqDiagnostic {
  const base = {
    code: finding.code,
    message: finding.message,
    position: positionAt(source, finding.span.start),
    length: finding.span.end - finding.span.start,
  };
  return finding.suggestion === undefined ? base : { ...base, suggestion: finding.suggestion };
}

/** The candidate nearest to a name by edit distance, at most two edits and less than half of the name away. */
export function suggestName(name: string, candidates: Iterable<string>): string | undefined {
  let best: string | undefined;
  let bestDistance = Math.min(3, Math.ceil(name.length / 2));
  for (const candidate of candidates) {
    const distance = countEdits(name, candidate, bestDistance);
    if (distance < bestDistance && distance < Math.max(name.length, candidate.length)) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

function countEdits(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) >= limit) return limit;
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const swap = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(swap, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? limit;
}
