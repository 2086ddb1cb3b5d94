import type { Json } from "@stigmer/durable";
import { failure } from "../fail.ts";
import { callHttp } from "../http/http-effect.ts";
import type { HttpScope } from "../http/request-http.ts";
import { InputReader, type JsonObject } from "../read-input.ts";
import type { DocumentCache } from "../resources/document-cache.ts";
import { readExternalResource } from "../resources/external-resource.ts";
import { fetchDocument } from "../resources/fetch-resource.ts";
import { readOpenApi } from "./openapi-3.ts";
import { findOperation } from "./operation.ts";
import { buildRequest } from "./request.ts";
import { readSwagger } from "./swagger-2.ts";

/**
 * Does an `openapi` effect: finds the operation in its document (OpenAPI 3.0 or 3.1, Swagger 2.0; JSON or YAML) and
 * calls it as `call: http` does.
 *
 * @throws {DurableFailure} `configuration` for documents, operations and parameters that do not fit; else as `http`
 */
export async function callOpenApi(input: Json, scope: HttpScope, documents: DocumentCache): Promise<Json> {
  const reader = new InputReader("call: openapi", input);
  const resource = readExternalResource("call: openapi: document", reader.value("document"));
  const rewrite = reader.list("rewrite");
  const document = await fetchDocument("OpenAPI document", { resource, rewrite, scope }, documents);
  const found = findOperation(document, reader.text("operationId"));
  const operation = reading(document)(document, found, resource.uri);
  const request = buildRequest(operation, reader.map("parameters"));
  return callHttp(
    {
      ...request,
      output: reader.oneOf("output", ["content", "response", "raw"], "content"),
      redirect: reader.flag("redirect"),
      authentication: reader.map("authentication"),
      rewrite,
      idempotencyScope: reader.value("idempotencyScope") ?? null,
    },
    scope,
  );
}

function reading(document: JsonObject) {
  const { openapi, swagger } = document;
  if (typeof openapi === "string" && openapi.startsWith("3.")) return readOpenApi;
  // YAML writes `swagger: 2.0` as a number.
  if (swagger === "2.0" || swagger === 2) return readSwagger;
  throw failure("configuration", {
    detail: "Cannot use the OpenAPI document: it says neither openapi 3.x nor swagger 2.0",
    retryable: false,
  });
}
