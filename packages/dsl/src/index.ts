export { type CronSchedule, parseCron } from "./cron.ts";
export * from "./decision.ts";
export * from "./durations.ts";
export type { Completion } from "./editor/completion.ts";
export { completionsAt } from "./editor/completions-at.ts";
export { describePosition, type PlaceDescription } from "./editor/describe-position.ts";
export type { EditedKind } from "./editor/document-grammar.ts";
export { type OutlineEntry, outlineOf } from "./editor/outline.ts";
export { type ParsedWorkflowTest, parseWorkflowTest } from "./editor/parse-workflow-test.ts";
export { positionAt } from "./editor/text-offsets.ts";
export type * from "./editor/workflow-test.ts";
export * from "./flow/deferred.ts";
export { evaluateData, evaluateDuration, evaluateTransformation } from "./flow/evaluate-data.ts";
export {
  type EvaluateOptions,
  EXPRESSION_LIMITS,
  evaluateCondition,
  evaluateExpression,
  type Variables,
} from "./flow/evaluate-expression.ts";
export * from "./flow/event-filters.ts";
export * from "./flow/event-strategy.ts";
export { isExpression, unwrapExpression } from "./flow/expression-text.ts";
export { readEvent } from "./flow/read-event.ts";
export { type SecretUse, secretsOf, usedVariables, variablesOf } from "./flow/used-variables.ts";
export type * from "./json.ts";
export type * from "./manifest/manifest.ts";
export {
  DEFAULT_NAMESPACE,
  type ParsedManifest,
  type ParseManifestOptions,
  parseManifest,
} from "./manifest/parse-manifest.ts";
export type * from "./model.ts";
export type * from "./model-calls.ts";
export type * from "./model-connections.ts";
export type * from "./model-data.ts";
export type * from "./model-events.ts";
export type * from "./model-processes.ts";
export { nextOccurrence } from "./next-occurrence.ts";
export type { SchemaProblem } from "./schema/schema-run.ts";
export { describeSchemaProblems, type ValidateSchemaOptions, validateSchema } from "./schema/validate-schema.ts";
export * from "./semantic-versions.ts";
export * from "./standard-errors.ts";
export * from "./tasks.ts";
export { type Diagnostic, hasErrors, type Position, sortDiagnostics } from "./text/diagnostic.ts";
export { MAX_TEXT_LENGTH, type ParsedText, type ParseTextOptions, parseText } from "./text/parse-text.ts";
export { joinPointer, parentPointer, splitPointer } from "./text/pointers.ts";
export type { SourceMap } from "./text/source-map.ts";
export { type DocumentText, splitDocuments } from "./text/split-documents.ts";
export { didYouMean, suggestName } from "./text/suggest-name.ts";
export * from "./uri-templates.ts";
export { DEFAULT_OUTCOMES } from "./validate/check-human.ts";
export {
  functionProblems,
  type ParseDocumentOptions,
  type ParsedDocument,
  parseDocument,
  unsupportedFeatures,
  type ValidateOptions,
  validateDefinition,
  validateDocument,
} from "./validate/validate-document.ts";
