import {
  type Json,
  type JsonObject,
  STANDARD_ERRORS,
  type StandardErrorName,
  WorkflowProblemError,
} from "@stigmer/dsl";
import { DurableFailure, type Failure } from "@stigmer/durable";
import { present } from "./json.ts";

/** An error of the workflow on its way up to a `try` that catches it or to the end of the run. */
export class Fault extends Error {
  override readonly name: string = "Fault";
  readonly problem: Failure;

  constructor(problem: Failure) {
    super(problem.detail ?? problem.title ?? problem.type);
    this.problem = problem;
  }
}

/** What a standard error says; `instance` is the pointer of the task, set later where it is left out. */
export interface StandardFault {
  readonly error: StandardErrorName;
  readonly detail: string;
  readonly title?: string;
  readonly instance?: string;
}

/** A fault with a standard error of the specification. */
export function standardFault(params: StandardFault): Fault {
  const { error, ...members } = params;
  return new Fault({ ...STANDARD_ERRORS[error], ...members });
}

/**
 * The fault that an error means for the task at `reference`, with its `instance` set.
 *
 * @returns undefined for errors that no workflow may catch: cancellation, foreign deadlines and bugs
 */
export function faultOf(error: unknown, reference: string): Fault | undefined {
  if (error instanceof Fault) return error.problem.instance === undefined ? faultAt(error.problem, reference) : error;
  // Where a failure arose in a child or a service is no place in this document.
  if (error instanceof DurableFailure) return faultAt(error.failure, reference);
  if (error instanceof WorkflowProblemError) return faultAt(error.problem, reference);
  return undefined;
}

function faultAt(problem: Failure, instance: string): Fault {
  return new Fault({ ...problem, instance });
}

/** The error object that expressions and event logs see: members that are unset are absent. */
export function problemJson(problem: Failure): JsonObject {
  return present({
    type: problem.type,
    status: problem.status,
    title: problem.title,
    detail: problem.detail,
    instance: problem.instance,
    data: problem.data,
  });
}

/** A whole failure as a cursor keeps it, with what expressions do not see. */
export function failureJson(failure: Failure): JsonObject {
  return failure.retryable === undefined
    ? problemJson(failure)
    : { ...problemJson(failure), retryable: failure.retryable };
}

/** Reads a failure back from a cursor. */
export function failureFromJson(error: JsonObject): Failure {
  const { type, status, data, retryable } = error;
  return {
    type: typeof type === "string" ? type : "about:blank",
    status: typeof status === "number" ? status : STANDARD_ERRORS.runtime.status,
    ...textMember(error, "title"),
    ...textMember(error, "detail"),
    ...textMember(error, "instance"),
    ...(data === undefined ? {} : { data }),
    ...(typeof retryable === "boolean" ? { retryable } : {}),
  };
}

function textMember(error: JsonObject, name: string): { readonly [name: string]: string } {
  const value: Json | undefined = error[name];
  return typeof value === "string" ? { [name]: value } : {};
}
