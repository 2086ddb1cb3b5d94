import { Composer, type Document, Parser, type YAMLError } from "yaml";
import type { Json } from "../json.ts";
import { type Diagnostic, limitDiagnostics, sortDiagnostics } from "./diagnostic.ts";
import { MAX_NESTING, nestingOffset, tooDeep } from "./nesting.ts";
import { createSourceMap, type SourceMap, type SourceNode } from "./source-map.ts";
import type { TextProblem } from "./text-problem.ts";
import { convertTree } from "./yaml-tree.ts";

/** Largest text that is read, in UTF-16 units: 1 MiB. */
export const MAX_TEXT_LENGTH = 1_048_576;

/** A document as plain data with the places of its values. */
export interface ParsedText {
  /** Absent when the text is no document at all. */
  readonly value?: Json;
  readonly diagnostics: readonly Diagnostic[];
  readonly sourceMap: SourceMap;
}

/** Where the text comes from. */
export interface ParseTextOptions {
  /** Line of the whole file on which the text begins; default 1. */
  readonly firstLine?: number;
}

/**
 * Reads one YAML or JSON document into plain data and remembers where each value stands.
 *
 * Bounded: texts above MAX_TEXT_LENGTH, nesting above MAX_NESTING and growth by aliases are refused before they cost time.
 */
export function parseText(text: string, options: ParseTextOptions = {}): ParsedText {
  const problems: TextProblem[] = [];
  const nodes = new Map<string, SourceNode>();
  const value = readText(text, nodes, problems);
  const sourceMap = createSourceMap({ text, nodes, firstLine: options.firstLine ?? 1 });
  const diagnostics = limitDiagnostics(sortDiagnostics(problems.map((problem) => locate(problem, sourceMap))));
  return value === undefined ? { diagnostics, sourceMap } : { value, diagnostics, sourceMap };
}

function readText(text: string, nodes: Map<string, SourceNode>, problems: TextProblem[]): Json | undefined {
  if (text.length > MAX_TEXT_LENGTH) {
    problems.push({
      code: "document-too-large",
      offset: 0,
      pointer: "",
      message: `The document has ${text.length} characters, the limit is ${MAX_TEXT_LENGTH}`,
      suggestion: "Move data out of the definition, or split it into several workflows.",
    });
    return undefined;
  }
  const [document, ...others] = composeDocuments(text, problems);
  for (const other of others) {
    problems.push({
      code: "several-documents",
      offset: other.range[0],
      pointer: "",
      message: "The text holds more than one document",
      suggestion: "Keep one document, or apply the file as a whole.",
    });
  }
  if (problems.some((problem) => problem.severity !== "warning")) return undefined;
  if (document?.contents == null) {
    problems.push({ code: "empty-document", offset: 0, pointer: "", message: "The document is empty" });
    return undefined;
  }
  return convertTree(document.contents, text, nodes, problems);
}

function composeDocuments(text: string, problems: TextProblem[]): readonly Document.Parsed[] {
  const tokens = [...new Parser().parse(text)];
  const deepAt = nestingOffset(tokens, MAX_NESTING);
  if (deepAt !== undefined) {
    problems.push(tooDeep(deepAt, ""));
    return [];
  }
  const composer = new Composer({ version: "1.2", schema: "core", uniqueKeys: false, prettyErrors: false });
  const documents = [...composer.compose(tokens, false, text.length)];
  for (const document of documents) {
    for (const error of document.errors) problems.push(fromYamlError(error, "error", text));
    for (const warning of document.warnings) problems.push(fromYamlError(warning, "warning", text));
  }
  return documents.filter((document): document is Document.Parsed => document.range !== null);
}

function fromYamlError(error: YAMLError, severity: "error" | "warning", text: string): TextProblem {
  const offset = Math.min(error.pos[0], text.length);
  const message = error.message.split("\n")[0] ?? "";
  if (error.code === "TAB_AS_INDENT" || (text[offset] === "\t" && severity === "error")) {
    return {
      code: "tab-indentation",
      offset,
      pointer: "",
      message: "YAML does not allow tabs as indentation",
      suggestion: "Use spaces.",
    };
  }
  return { code: "yaml-syntax", offset, pointer: "", message, severity };
}

function locate(problem: TextProblem, sourceMap: SourceMap): Diagnostic {
  const { code, pointer, message, suggestion } = problem;
  const place = sourceMap.positionAt(problem.offset);
  const base = { code, severity: problem.severity ?? "error", ...place, pointer, message } as const;
  return suggestion === undefined ? base : { ...base, suggestion };
}
