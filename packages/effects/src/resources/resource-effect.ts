import type { Json } from "@stigmer/durable";
import { failure } from "../fail.ts";
import type { HttpScope } from "../http/request-http.ts";
import { InputReader } from "../read-input.ts";
import { type ExternalResource, readExternalResource } from "./external-resource.ts";
import { fetchText, parseData } from "./fetch-resource.ts";
import { functionAddress, toRawAddress } from "./raw-address.ts";

/**
 * Does a `resource` effect: fetches a script, schema or other document, or a function of a catalog. Input is
 * `{endpoint: text | {uri, authentication?}, as?: "text" | "data", rewrite?}`, `text` when absent, with
 * `function: {name, version}` where the endpoint is a catalog. Pages of GitHub and GitLab stand for the files they show.
 *
 * @throws {DurableFailure} as `call: http` does; `configuration` for data that is neither JSON nor YAML
 */
export async function fetchResource(input: Json, scope: HttpScope): Promise<Json> {
  const reader = new InputReader("resource", input);
  const resource = toFile(reader, readExternalResource("resource", input));
  const as = reader.oneOf("as", ["text", "data"], "text");
  const text = await fetchText({ resource, rewrite: reader.list("rewrite"), scope });
  if (as === "text") return text;
  const data = parseData(text);
  if (data !== undefined) return data;
  throw failure("configuration", {
    detail: `The resource ${resource.uri ?? "given inline"} is neither JSON nor YAML`,
    retryable: false,
  });
}

function toFile(reader: InputReader, resource: ExternalResource): ExternalResource {
  if (resource.kind === "inline") return resource;
  if (reader.value("function") === undefined) return { ...resource, uri: toRawAddress(resource.uri) };
  const wanted = new InputReader("resource: function", reader.map("function"));
  return { ...resource, uri: functionAddress(resource.uri, wanted.text("name"), wanted.text("version")) };
}
