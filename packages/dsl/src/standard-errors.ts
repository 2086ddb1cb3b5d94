import type { ErrorFilter } from "./model.ts";

/** An error as data, in the shape of RFC 9457. Unset members are absent. */
export type Problem = {
  readonly type: string;
  readonly status: number;
  readonly title?: string;
  readonly detail?: string;
  readonly instance?: string;
};

/** What ends the evaluation of an expression, a template or a schema: carries the problem to raise. */
export class WorkflowProblemError extends Error {
  override readonly name = "WorkflowProblemError";
  readonly problem: Problem;

  constructor(problem: Problem, options?: { readonly cause?: unknown }) {
    super(problem.detail ?? problem.title ?? problem.type, options);
    this.problem = problem;
  }
}

/** Names of the specification's errors: the last segments of their types. */
export type StandardErrorName =
  | "configuration"
  | "validation"
  | "expression"
  | "authentication"
  | "authorization"
  | "timeout"
  | "communication"
  | "runtime";

/** Start of the types this runtime raises. */
export const ERROR_TYPE_BASE = "https://serverlessworkflow.io/spec/1.0.0/errors/";

/** Starts of types that mean the same errors: the renamed specification, both conformance kits, a dialect. */
const ALIAS_BASES: readonly string[] = [
  ERROR_TYPE_BASE,
  "https://open-workflow-specification.org/spec/1.0.0/errors/",
  "https://serverlessworkflow.io/dsl/errors/types/",
  "https://open-workflow-specification.org/dsl/errors/types/",
  "https://zigflow.dev/spec/1.0.0/errors/",
];

/**
 * The specification's errors with their usual status and title.
 *
 * @see DSL reference 1.0.3, "Standard Error Types"
 */
export const STANDARD_ERRORS: Readonly<Record<StandardErrorName, Problem & { readonly title: string }>> = {
  configuration: standard("configuration", 400, "Configuration Error"),
  validation: standard("validation", 400, "Validation Error"),
  expression: standard("expression", 400, "Expression Error"),
  authentication: standard("authentication", 401, "Authentication Error"),
  authorization: standard("authorization", 403, "Authorization Error"),
  timeout: standard("timeout", 408, "Timeout Error"),
  communication: standard("communication", 500, "Communication Error"),
  runtime: standard("runtime", 500, "Runtime Error"),
};

/** One of the specification's errors with a detail of its own. */
export function standardProblem(name: StandardErrorName, detail: string): Problem {
  return { ...STANDARD_ERRORS[name], detail };
}

/** Type with its alias family replaced by the one this runtime raises; other types stay as they are. */
export function canonicalErrorType(type: string): string {
  const base = ALIAS_BASES.find((candidate) => type.startsWith(candidate));
  return base === undefined ? type : `${ERROR_TYPE_BASE}${type.slice(base.length)}`;
}

/** Last segment of a type that belongs to the specification's families, else undefined. */
export function standardErrorName(type: string): string | undefined {
  const canonical = canonicalErrorType(type);
  return canonical.startsWith(ERROR_TYPE_BASE) ? canonical.slice(ERROR_TYPE_BASE.length) : undefined;
}

/** True when two types mean the same error, whichever family of names they come from. */
export function sameErrorType(a: string, b: string): boolean {
  return canonicalErrorType(a) === canonicalErrorType(b);
}

/** True when an error has every member the filter names; an absent filter matches all. */
export function matchesErrorFilter(filter: ErrorFilter | undefined, error: Problem): boolean {
  if (filter === undefined) return true;
  const detail = filter.detail ?? filter.details;
  return (
    (filter.type === undefined || sameErrorType(filter.type, error.type)) &&
    (filter.status === undefined || filter.status === error.status) &&
    (filter.instance === undefined || filter.instance === error.instance) &&
    (filter.title === undefined || filter.title === error.title) &&
    (detail === undefined || detail === error.detail)
  );
}

function standard(name: StandardErrorName, status: number, title: string): Problem & { readonly title: string } {
  return { type: `${ERROR_TYPE_BASE}${name}`, status, title };
}
