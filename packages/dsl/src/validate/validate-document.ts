import type { Shape } from "../grammar/shape.ts";
import { TASK } from "../grammar/task-shapes.ts";
import { WORKFLOW } from "../grammar/workflow-shape.ts";
import { type Json, property } from "../json.ts";
import type { WorkflowDocument } from "../model.ts";
import { type Diagnostic, hasErrors, limitDiagnostics, sortDiagnostics } from "../text/diagnostic.ts";
import { type ParsedText, type ParseTextOptions, parseText } from "../text/parse-text.ts";
import { createSourceMap, type SourceMap } from "../text/source-map.ts";
import { checkExpressions } from "./check-expressions.ts";
import { checkFlow } from "./check-flow.ts";
import { checkMeaning } from "./check-meaning.ts";
import { checkReferences, readDeclared } from "./check-references.ts";
import { createWalk, type Finding, type Walk } from "./findings.ts";
import { moveScope, ROOT_SCOPE } from "./scopes.ts";
import { findUnsupported } from "./unsupported-features.ts";
import { walkShape } from "./walk-shape.ts";

/** How strictly a definition is judged. */
export interface ValidateOptions {
  /** `now` also reports what this release cannot run, as `not-supported-yet`. Default: the whole language is allowed. */
  readonly supported?: "now";
  /** Makes `secret-in-data` an error. */
  readonly strictSecrets?: boolean;
}

/** A definition read from a text. */
export interface ParsedDocument {
  /** The definition, only when there is no error. */
  readonly document?: WorkflowDocument;
  /** Every problem at once, in the order of the text. */
  readonly diagnostics: readonly Diagnostic[];
  readonly sourceMap: SourceMap;
}

/** Options of `parseDocument`. */
export interface ParseDocumentOptions extends ValidateOptions, ParseTextOptions {}

/** Reads a definition in YAML or JSON and checks all of it. */
export function parseDocument(text: string, options: ParseDocumentOptions = {}): ParsedDocument {
  const parsed = parseText(text, options);
  const diagnostics = validateDefinition(parsed, options);
  const { sourceMap } = parsed;
  if (parsed.value === undefined || hasErrors(diagnostics)) return { diagnostics, sourceMap };
  return { document: asDocument(parsed.value), diagnostics, sourceMap };
}

/** Every problem of a definition, given as text or already read, in the order of the text. */
export function validateDefinition(source: string | ParsedText, options: ValidateOptions = {}): readonly Diagnostic[] {
  const parsed = typeof source === "string" ? parseText(source) : source;
  if (parsed.value === undefined) return parsed.diagnostics;
  const found = findProblems(parsed.value, options).map((finding) => toDiagnostic(finding, parsed.sourceMap));
  return limitDiagnostics(sortDiagnostics([...parsed.diagnostics, ...found]));
}

/**
 * Every problem of a definition given as data.
 *
 * @param sourceMap places of the values; without it all problems stand at line 1, column 1
 */
export function validateDocument(
  document: Json,
  options: ValidateOptions = {},
  sourceMap: SourceMap = NO_TEXT,
): readonly Diagnostic[] {
  const found = findProblems(document, options).map((finding) => toDiagnostic(finding, sourceMap));
  return limitDiagnostics(sortDiagnostics(found));
}

/** What this release cannot run of a definition, each as `not-supported-yet`. */
export function unsupportedFeatures(document: Json, sourceMap: SourceMap = NO_TEXT): readonly Diagnostic[] {
  return sortDiagnostics(
    findUnsupported(walkOf(WORKFLOW, document)).map((finding) => toDiagnostic(finding, sourceMap)),
  );
}

/** All findings of a definition, before their places are looked up. */
export function findProblems(document: Json, options: ValidateOptions): readonly Finding[] {
  const walk = walkOf(WORKFLOW, document);
  const declared = readDeclared(document);
  const rules = {
    isLoose: property(property(document, "evaluate"), "mode") === "loose",
    secrets: declared.secrets,
    strictSecrets: options.strictSecrets === true,
  };
  return [
    ...walk.findings,
    ...checkExpressions(walk.texts, rules),
    ...checkFlow(walk.lists),
    ...checkReferences(walk.records, declared),
    ...checkMeaning(walk),
    ...(options.supported === "now" ? findUnsupported(walk) : []),
  ];
}

/**
 * Problems of a function's definition that comes from outside: it must be one task that this release can run. Members
 * that tasks do not have are let pass.
 */
export function functionProblems(definition: Json): readonly Diagnostic[] {
  const walk = createWalk();
  walkShape(TASK, { value: definition, pointer: "", scope: moveScope(ROOT_SCOPE, "reusable"), walk });
  const rules = { isLoose: false, secrets: [], strictSecrets: false };
  const found = [
    ...walk.findings,
    ...checkExpressions(walk.texts, rules),
    ...checkFlow(walk.lists),
    ...checkMeaning(walk),
  ];
  return [...found, ...findUnsupported(walk)]
    .filter(({ severity, code }) => severity === "error" && !LET_PASS.has(code))
    .map((finding) => toDiagnostic(finding, NO_TEXT));
}

/** Secrets are declared by the workflow that calls the function. */
const LET_PASS: ReadonlySet<string> = new Set(["unknown-field", "undeclared-secret"]);

/** Compares a value with a shape. */
export function walkOf(shape: Shape, value: Json): Walk {
  const walk = createWalk();
  walkShape(shape, { value, pointer: "", scope: ROOT_SCOPE, walk });
  return walk;
}

/** A finding with its place in the text. */
export function toDiagnostic(finding: Finding, sourceMap: SourceMap): Diagnostic {
  const { code, severity, pointer, at, message, suggestion } = finding;
  const position =
    at === "key"
      ? sourceMap.keyPosition(pointer)
      : at === "value"
        ? sourceMap.valuePosition(pointer)
        : sourceMap.textPosition(pointer, at.index);
  const base = { code, severity, ...position, pointer, message };
  return suggestion === undefined ? base : { ...base, suggestion };
}

const NO_TEXT = createSourceMap({ text: "", nodes: new Map(), firstLine: 1 });

/** Validation is the border: from here on the data is known to have the document's structure. */
function asDocument(value: Json): WorkflowDocument {
  return value as WorkflowDocument;
}
