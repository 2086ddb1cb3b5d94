import { parseText } from "@stigmer/dsl";
import type { Json } from "@stigmer/durable";
import { tokenKey } from "../authentication/token-cache.ts";
import { failure } from "../fail.ts";
import { requireSuccess } from "../http/http-effect.ts";
import { type HttpScope, requestHttp } from "../http/request-http.ts";
import { isObject, type JsonObject } from "../read-input.ts";
import type { DocumentCache } from "./document-cache.ts";
import type { ExternalResource } from "./external-resource.ts";

/** How a resource is fetched. */
export interface FetchResourceParams {
  readonly resource: ExternalResource;
  /** Rules `{from, to}` by which origins are reached elsewhere. */
  readonly rewrite: readonly Json[];
  readonly scope: HttpScope;
}

/**
 * Text of a resource.
 *
 * @throws {DurableFailure} as `call: http` does
 */
export async function fetchText({ resource, rewrite, scope }: FetchResourceParams): Promise<string> {
  if (resource.kind === "inline") return resource.content;
  const request = {
    method: "GET",
    uri: resource.uri,
    headers: { accept: "application/json, application/yaml, text/*;q=0.9, */*;q=0.8" },
    redirect: true,
    rewrite,
    ...(resource.authentication ? { authentication: resource.authentication } : {}),
  };
  const answer = await requestHttp(request, scope);
  requireSuccess(answer, scope.sensitive);
  return answer.response.content.toString("utf8").replace(/^\uFEFF/, "");
}

/**
 * A resource as data, read as JSON or YAML. Remote ones are kept for a short time, apart for each authentication.
 *
 * @param what names the document in messages, such as `OpenAPI document`
 * @throws {DurableFailure} `configuration` when it is no map
 */
export async function fetchDocument(
  what: string,
  params: FetchResourceParams,
  cache: DocumentCache,
): Promise<JsonObject> {
  const { resource, rewrite } = params;
  const read = async () => toDocument(what, resource.uri ?? "given inline", await fetchText(params));
  if (resource.kind === "inline") return read();
  return cache.get(tokenKey([resource.uri, resource.authentication ?? null, [...rewrite]]), read);
}

/** A text as data, whether it is JSON or YAML; undefined when it is neither. */
export function parseData(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    const { value, diagnostics } = parseText(text);
    return diagnostics.some(({ severity }) => severity === "error") ? undefined : value;
  }
}

function toDocument(what: string, where: string, text: string): JsonObject {
  const value = parseData(text);
  if (isObject(value)) return value;
  throw failure("configuration", { detail: `The ${what} (${where}) is no JSON or YAML map`, retryable: false });
}
