import type { Json } from "@stigmer/durable";
import type { EffectContext } from "../effect-context.ts";
import { failure } from "../fail.ts";
import { redactJson, type SensitiveValues } from "../sensitive-values.ts";
import { type AddressPolicy, checkHost, type ResolveHost } from "./address-guard.ts";
import { toContent } from "./http-content.ts";
import { type Connections, exchange, type HttpLimits, type HttpResponse, TimeLimit } from "./http-exchange.ts";
import { type HttpRequest, readHttpRequest } from "./http-request.ts";
import { type Hop, nextHop } from "./redirect.ts";

/** What all HTTP effects of a process share. */
export interface HttpEffectOptions {
  readonly addresses: AddressPolicy;
  readonly limits: HttpLimits;
  readonly connections: Connections;
  readonly resolveHost?: ResolveHost;
}

/**
 * Does an `http` effect: the request, its redirects, and the output in the form that the document asks for.
 *
 * @throws {DurableFailure} `communication` with the response's status, `authentication` for 401, `authorization` for
 *   403 and for refused addresses, `timeout` for limits of time
 */
export async function callHttp(
  input: Json,
  context: EffectContext,
  sensitive: SensitiveValues,
  options: HttpEffectOptions,
): Promise<Json> {
  const request = readHttpRequest(input, context.idempotencyKey);
  const authorization = request.headers.authorization;
  if (authorization !== undefined) sensitive.add(authorization.replace(/^\w+ /, ""));
  const timeLimit = new AbortController();
  const timer = setTimeout(
    () => timeLimit.abort(new TimeLimit(`it was not done after ${options.limits.totalMs / 1000} s`)),
    options.limits.totalMs,
  );
  try {
    const signal = AbortSignal.any([context.signal, timeLimit.signal]);
    const { hop, response } = await follow(request, signal, sensitive, options);
    requireSuccess(request, hop, response, sensitive);
    return toOutput(request, hop, response, sensitive);
  } finally {
    clearTimeout(timer);
  }
}

const MAX_REDIRECTS = 10;

async function follow(
  request: HttpRequest,
  signal: AbortSignal,
  sensitive: SensitiveValues,
  options: HttpEffectOptions,
): Promise<{ hop: Hop; response: HttpResponse }> {
  let hop: Hop = { method: request.method, url: request.url, headers: request.headers, body: request.body?.bytes };
  for (let redirects = 0; ; redirects++) {
    const response = await send(hop, request, signal, options);
    const next = request.redirect ? nextHop(hop, response, sensitive) : undefined;
    if (next === undefined) return { hop, response };
    if (redirects === MAX_REDIRECTS) {
      throw failure("communication", {
        status: response.statusCode,
        detail: `${request.method} ${request.url} was redirected more than ${MAX_REDIRECTS} times; the last goal is ${next.url}`,
      });
    }
    hop = next;
  }
}

async function send(
  hop: Hop,
  request: HttpRequest,
  signal: AbortSignal,
  options: HttpEffectOptions,
): Promise<HttpResponse> {
  const url = rewritten(hop.url, request.rewrite);
  const host = await checkHost(url, options.addresses, options.resolveHost);
  return exchange(
    { method: hop.method, url, host, headers: hop.headers, body: hop.body, limits: options.limits, signal },
    options.connections,
  );
}

function rewritten(url: URL, rewrite: ReadonlyMap<string, string>): URL {
  const to = rewrite.get(url.origin);
  return to === undefined ? url : new URL(`${to}${url.pathname}${url.search}`);
}

function requireSuccess(request: HttpRequest, hop: Hop, response: HttpResponse, sensitive: SensitiveValues): void {
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

function toOutput(request: HttpRequest, hop: Hop, response: HttpResponse, sensitive: SensitiveValues): Json {
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
