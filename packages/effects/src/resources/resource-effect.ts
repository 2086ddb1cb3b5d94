import type { Json } from "@stigmer/durable";
import { failure } from "../fail.ts";
import type { HttpScope } from "../http/request-http.ts";
import { InputReader } from "../read-input.ts";
import { readExternalResource } from "./external-resource.ts";
import { fetchText, parseData } from "./fetch-resource.ts";

/**
 * Does a `resource` effect: fetches a function, script, schema or other document. Input is
 * `{endpoint: text | {uri, authentication?}, as?: "text" | "data", rewrite?}`; `text` when absent.
 *
 * @throws {DurableFailure} as `call: http` does; `configuration` for data that is neither JSON nor YAML
 */
export async function fetchResource(input: Json, scope: HttpScope): Promise<Json> {
  const reader = new InputReader("resource", input);
  const resource = readExternalResource("resource", input);
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
