import {
  type Completion,
  completionsAt,
  describePosition,
  type OutlineEntry,
  outlineOf,
  positionAt,
} from "@stigmer/dsl";
import { diagnose } from "./diagnose.ts";
import { isOurs, type OpenDocument, partAt, partsOf } from "./open-documents.ts";
import type { LspPosition, LspRange } from "./protocol.ts";
import { testedTasks } from "./tested-workflow.ts";

/** Kinds of completion items. @see LSP 3.17, "CompletionItemKind" */
const COMPLETION_KINDS: Readonly<Record<Completion["kind"], number>> = {
  field: 5,
  value: 12,
  task: 18,
  name: 18,
  variable: 6,
  function: 3,
};

/** Kinds of symbols. @see LSP 3.17, "SymbolKind" */
const SYMBOL_KINDS: Readonly<Record<string, number>> = { case: 22, test: 6, extension: 11 };
const FUNCTION_SYMBOL = 12;

/** What can be written at a position. */
export function complete(document: OpenDocument, { line, character }: LspPosition): readonly object[] {
  const part = partAt(document, { line: line + 1, column: character + 1 });
  const tasks = document.kind === "test" ? testedTasks(document) : [];
  return completionsAt(part.text, part.position, document.kind, tasks).map((completion, index) => ({
    label: completion.label,
    kind: COMPLETION_KINDS[completion.kind],
    // The order of the grammar, not that of the alphabet.
    sortText: String(index).padStart(4, "0"),
    filterText: completion.label,
    ...(completion.doc === undefined ? {} : { documentation: completion.doc }),
    textEdit: {
      range: { start: { line, character: character - completion.replaces }, end: { line, character } },
      newText: completion.insert ?? completion.label,
    },
  }));
}

/** What stands at a position. */
export function hover(document: OpenDocument, { line, character }: LspPosition): object | null {
  if (!isOurs(document)) return null;
  const part = partAt(document, { line: line + 1, column: character + 1 });
  const found = describePosition(part.text, part.position, document.kind);
  if (found === undefined) return null;
  const value = [`**${found.title}**`, found.doc, ...(found.form === undefined ? [] : [`_${found.form}_`])].join(
    "\n\n",
  );
  return { contents: { kind: "markdown", value }, range: toRange(part, found.range) };
}

/** The tasks of all documents in a text. */
export function symbols(document: OpenDocument): readonly object[] {
  if (!isOurs(document)) return [];
  return partsOf(document).flatMap((part) => {
    const convert = (entry: OutlineEntry): object => ({
      name: entry.name === "" ? "(no name)" : entry.name,
      detail: entry.detail,
      kind: SYMBOL_KINDS[entry.detail] ?? FUNCTION_SYMBOL,
      range: toRange(part, entry.range),
      selectionRange: toRange(part, entry.nameRange),
      children: entry.children.map(convert),
    });
    return outlineOf(part.text, document.kind).map(convert);
  });
}

/** Edits for problems whose word has a likely other one. */
export function quickFixes(document: OpenDocument, range: LspRange): readonly object[] {
  return diagnose(document).flatMap((diagnostic) => {
    const { data } = diagnostic;
    if (data === undefined || !touches(diagnostic.range, range)) return [];
    const edit = { range: diagnostic.range, newText: data.replacement };
    return [
      {
        title: `Replace with "${data.replacement}"`,
        kind: "quickfix",
        diagnostics: [diagnostic],
        isPreferred: true,
        edit: { changes: { [document.uri]: [edit] } },
      },
    ];
  });
}

function touches(a: LspRange, b: LspRange): boolean {
  return !isBefore(a.end, b.start) && !isBefore(b.end, a.start);
}

function isBefore(a: LspPosition, b: LspPosition): boolean {
  return a.line < b.line || (a.line === b.line && a.character < b.character);
}

function toRange(
  part: { readonly text: string; readonly firstLine: number },
  range: { readonly start: number; readonly end: number },
): LspRange {
  const place = (offset: number): LspPosition => {
    const { line, column } = positionAt(part.text, offset);
    return { line: line + part.firstLine - 2, character: column - 1 };
  };
  return { start: place(range.start), end: place(range.end) };
}
