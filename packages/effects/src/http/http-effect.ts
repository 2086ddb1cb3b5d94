import type { Json } from "@stigmer/durable";
import { failure } from "../fail.ts";
import { redactJson, type SensitiveValues } from "../sensitive-values.ts";
import { toContent } from "./http-content.ts";
import type { HttpResponse } from "./http-exchange.ts";
import { type HttpAnswer, type HttpScope, requestHttp } from "./request-http.ts";

/**
 * Does an `http` effect: the request, its redirects, and the output in the form that the document asks for.
 *
 * @throws {DurableFailure} `communication` with the response's status, `authentication` for 401, `authorization` for
 *   403 and for refused addresses, `timeout` for limits of time
 */
export async function callHttp(input: Json, scope: HttpScope): Promise<Json> {
  const answer = await requestHttp(input, scope);
  requireSuccess(answer, scope.sensitive);
  return toOutput(answer, scope.sensitive);
}

/**
 * Refuses every status outside of 2xx, and of 3xx where redirects are accepted.
 *
 * @throws {DurableFailure} `authentication` for 401, `authorization` for 403, `communication` otherwise
 */
export function requireSuccess({ request, hop, response }: HttpAnswer, sensitive: SensitiveValues): void {
  const { statusCode } = response;
  if (statusCode >= 200 && statusCode < (request.redirect ? 400 : 300)) return;
  const type = statusCode === 401 ? "authentication" : statusCode === 403 ? "authorization" : "communication";
  const hint = statusCode >= 300 && statusCode < 400 ? '; "redirect: true" follows it' : "";
  throw failure(type, {
    status: statusCode,
    detail: `${hop.method} ${hop.url} answered ${statusCode}${hint}`,
    data: redactJson(describe(response), sensitive),
  });
}

const MAX_FAILURE_BYTES = 16_384;

function describe(response: HttpResponse): Json {
  const retryAfterMs = readRetryAfter(response.headers["retry-after"]);
  const head = response.content.subarray(0, MAX_FAILURE_BYTES);
  return {
    statusCode: response.statusCode,
    headers: response.headers,
    content: head.length < response.content.length ? `${head.toString("utf8")}…` : lenientContent(response),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  };
}

function lenientContent(response: HttpResponse): Json {
  try {
    return toContent(response.content, response.headers["content-type"]);
  } catch {
    return response.content.toString("utf8");
  }
}

/** Milliseconds of a `Retry-After` header, seconds or date; undefined when it says neither. */
export function readRetryAfter(header: string | undefined, now = Date.now()): number | undefined {
  if (header === undefined) return undefined;
  if (/^\d{1,9}$/.test(header.trim())) return Number(header) * 1000;
  const at = Date.parse(header);
  return Number.isNaN(at) ? undefined : Math.max(0, at - now);
}

function toOutput({ request, hop, response }: HttpAnswer, sensitive: SensitiveValues): Json {
  switch (request.output) {
    case "raw":
      return response.content.toString("base64");
    case "content":
      return toContent(response.content, response.headers["content-type"]);
    case "response":
      return {
        request: redactJson(
          { method: hop.method, uri: hop.url.href, headers: withoutCredentials(hop.headers) },
          sensitive,
        ),
        statusCode: response.statusCode,
        headers: response.headers,
        content: toContent(response.content, response.headers["content-type"]),
      };
  }
}

function withoutCredentials(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !["authorization", "cookie"].includes(name)));
}
