import { type Json, property } from "./json.ts";
import { standardProblem, WorkflowProblemError } from "./standard-errors.ts";

const PLACEHOLDER = /\{([^{}]*)\}/g;

/** Names between braces of a URI template, in order. */
export function templateNames(template: string): readonly string[] {
  return [...template.matchAll(PLACEHOLDER)].map((match) => match[1] ?? "");
}

/**
 * Replaces `{name}` by the top-level member `name` of `values`, percent-encoded.
 *
 * Names are taken verbatim (`{pet.id}` reads the member `pet.id`); absent members and null become empty.
 *
 * @throws {WorkflowProblemError} expression error when a member is a list or an object
 * @see DSL reference 1.0.3, "URI Template"; RFC 6570 section 3.2.2
 */
export function expandUriTemplate(template: string, values: Json): string {
  return template.replace(PLACEHOLDER, (_, name: string) => encodeMember(template, name, property(values, name)));
}

function encodeMember(template: string, name: string, value: Json | undefined): string {
  if (value === undefined || value === null) return "";
  if (typeof value === "object") {
    const kind = Array.isArray(value) ? "a list" : "an object";
    throw new WorkflowProblemError(
      standardProblem("expression", `Cannot expand URI template "${template}": "${name}" is ${kind}, not a scalar`),
    );
  }
  return encodeUnreserved(String(value));
}

/** encodeURIComponent leaves `!'()*` as they are; RFC 6570 allows unreserved characters only. */
function encodeUnreserved(text: string): string {
  return encodeURIComponent(text.toWellFormed()).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
