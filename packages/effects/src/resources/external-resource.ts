import type { Json } from "@stigmer/durable";
import { failure } from "../fail.ts";
import { InputReader, isObject, type JsonObject } from "../read-input.ts";

/** A document kept elsewhere, or its text where that was read already. */
export type ExternalResource =
  | { readonly kind: "inline"; readonly content: string; readonly uri?: string }
  | { readonly kind: "remote"; readonly uri: string; readonly authentication?: JsonObject };

/**
 * Reads `{content}`, `{endpoint: text | {uri, authentication?}}` or `{uri, authentication?}`.
 *
 * @param what names the effect in messages
 * @throws {DurableFailure} `configuration` for anything else, and for addresses that are not HTTP
 */
export function readExternalResource(what: string, value: Json | undefined): ExternalResource {
  const reader = new InputReader(what, value ?? null);
  const endpoint = reader.value("endpoint");
  const place = isObject(endpoint) ? new InputReader(what, endpoint) : reader;
  const uri = typeof endpoint === "string" ? endpoint : place.optionalText("uri");
  const content = reader.optionalText("content");
  if (content !== undefined) return { kind: "inline", content, ...(uri === undefined ? {} : { uri }) };
  requireHttp(what, uri);
  const authentication = place.map("authentication");
  return { kind: "remote", uri, ...(Object.keys(authentication).length === 0 ? {} : { authentication }) };
}

function requireHttp(what: string, uri: string | undefined): asserts uri is string {
  const scheme = uri === undefined ? undefined : URL.parse(uri)?.protocol;
  if (scheme === "http:" || scheme === "https:") return;
  const why =
    scheme === "file:"
      ? "files are read when the definition is applied from the command line, a runner reads none; serve it over http"
      : "it must be an absolute http or https address";
  throw failure("configuration", { detail: `Cannot do "${what}": resource "${uri ?? ""}": ${why}`, retryable: false });
}
