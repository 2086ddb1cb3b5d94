export type { JqDiagnostic } from "./diagnostics.ts";
export { JqError, JqLimitError, type JqLimitKind, type JqPosition } from "./errors.ts";
export { type CompileOptions, type CompileResult, compileJq, type JqFilter, type RunOptions } from "./filter.ts";
export type { Json } from "./json.ts";
export { type JsonTextOptions, toJsonText } from "./json-text.ts";
export { compileRegex, type JqRegex, type RegexBudget, type RegexGroup, type RegexMatch } from "./regex.ts";
export type { JqLimits } from "./run.ts";
export type { JqProfile } from "./scope.ts";
export { compareJson, equalJson, parseJsonText, parseJsonTexts } from "./values.ts";
