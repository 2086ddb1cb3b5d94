import type { Json } from "@stigmer/durable";
import { failure } from "../fail.ts";
import { isList, isObject, type JsonObject } from "../read-input.ts";
import { followReference } from "../resources/references.ts";

/** How the items of a value are written one behind the other. */
export type ParameterStyle =
  | { readonly kind: "joined"; readonly separator: string }
  | { readonly kind: "repeated" }
  | { readonly kind: "deep" }
  | { readonly kind: "json" }
  | { readonly kind: "label" }
  | { readonly kind: "matrix" };

/** A parameter of an operation, whatever the version of its document. */
export interface Parameter {
  readonly name: string;
  readonly place: "path" | "query" | "header" | "cookie";
  readonly isRequired: boolean;
  readonly style: ParameterStyle;
}

/** What an operation takes as its body. */
export interface OperationBody {
  /** Media types in the document's order. */
  readonly contentTypes: readonly string[];
  readonly isRequired: boolean;
  /** Name under which the whole body is given. */
  readonly name: string;
  /** Names of the fields, where the body is a form that has declared them all. */
  readonly fields: readonly string[] | undefined;
}

/** An operation ready to be called. */
export interface Operation {
  readonly id: string;
  readonly method: string;
  /** Where the API lives, without a slash at its end. */
  readonly server: string;
  /** Path template such as `/pets/{petId}`. */
  readonly path: string;
  readonly parameters: readonly Parameter[];
  readonly body: OperationBody | undefined;
}

/** An operation as it stands in its document. */
export interface FoundOperation {
  readonly id: string;
  readonly method: string;
  readonly path: string;
  readonly item: JsonObject;
  readonly operation: JsonObject;
  /** Of the path and of the operation, references followed; the operation's own win. */
  readonly parameters: readonly JsonObject[];
}

const METHODS = ["get", "put", "post", "delete", "options", "head", "patch", "trace"] as const;

/**
 * Finds an operation by its id.
 *
 * @throws {DurableFailure} `configuration` when there is none; the message lists some that there are
 */
export function findOperation(document: JsonObject, operationId: string): FoundOperation {
  const known: string[] = [];
  const paths = isObject(document.paths) ? document.paths : {};
  for (const [path, entry] of Object.entries(paths)) {
    const item = followReference(WHAT, document, entry);
    for (const method of item ? METHODS : []) {
      const operation = item?.[method];
      if (!item || !isObject(operation) || typeof operation.operationId !== "string") continue;
      if (operation.operationId === operationId) {
        const parameters = mergeParameters(document, item.parameters, operation.parameters);
        return { id: operationId, method: method.toUpperCase(), path, item, operation, parameters };
      }
      known.push(operation.operationId);
    }
  }
  const listed = known.length === 0 ? "it has no operations with an id" : `it has ${known.slice(0, 20).join(", ")}`;
  throw invalid(`there is no operation "${operationId}" in the document; ${listed}`);
}

function mergeParameters(document: JsonObject, ...lists: readonly (Json | undefined)[]): readonly JsonObject[] {
  const merged = new Map<string, JsonObject>();
  for (const entry of lists.flatMap((list) => (isList(list) ? list : []))) {
    const parameter = followReference(WHAT, document, entry);
    if (parameter) merged.set(`${parameter.in} ${parameter.name}`, parameter);
  }
  return [...merged.values()];
}

const WHAT = "OpenAPI document";

/** A configuration failure of an OpenAPI call. */
export function invalid(why: string) {
  return failure("configuration", { detail: `Cannot do "call: openapi": ${why}`, retryable: false });
}
