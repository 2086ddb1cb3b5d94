import { type DocumentText, type EditedKind, type Position, splitDocuments } from "@stigmer/dsl";

/** A text that an editor has open. */
export interface OpenDocument {
  readonly uri: string;
  readonly text: string;
  readonly kind: EditedKind;
}

/** A document, from its address on what it is. */
export function openDocument(uri: string, text: string): OpenDocument {
  return { uri, text, kind: /\.test\.(ya?ml|json)$/.test(uri) ? "test" : "definition" };
}

/** One of several documents in a text, and where it begins. */
export interface DocumentPart {
  readonly text: string;
  /** From 1. */
  readonly firstLine: number;
}

/** The documents of a text; a test file is one. */
export function partsOf({ text, kind }: OpenDocument): readonly DocumentPart[] {
  const parts: readonly DocumentText[] = kind === "test" ? [] : splitDocuments(text);
  return parts.length === 0 ? [{ text, firstLine: 1 }] : parts;
}

/** The document that a line belongs to, and the position in it. */
export function partAt(
  document: OpenDocument,
  { line, column }: Position,
): DocumentPart & { readonly position: Position } {
  const parts = partsOf(document);
  const part = parts.findLast(({ firstLine }) => firstLine <= line) ??
    parts[0] ?? { text: document.text, firstLine: 1 };
  return { ...part, position: { line: Math.max(1, line - part.firstLine + 1), column } };
}

/** Whether a text is one of ours at all: editors send every YAML file. */
export function isOurs({ text, kind }: OpenDocument): boolean {
  return kind === "test" || /^\s*["'{]*document["']?\s*:/m.test(text) || /stigmer\.ai\/v1/.test(text);
}
