import type { Json } from "@stigmer/durable";
import { digestAuthorization } from "../authentication/digest.ts";
import { signIn } from "../authentication/sign-in.ts";
import type { TokenCache } from "../authentication/token-cache.ts";
import type { EffectContext } from "../effect-context.ts";
import { failure } from "../fail.ts";
import { InputReader, isObject, type JsonObject } from "../read-input.ts";
import type { SensitiveValues } from "../sensitive-values.ts";
import { type AddressPolicy, checkHost, type ResolveHost } from "./address-guard.ts";
import { authorizationHeader } from "./http-authorization.ts";
import { type Connections, exchange, type HttpLimits, type HttpResponse, TimeLimit } from "./http-exchange.ts";
import { type HttpRequest, idempotencyKeyOf, readHttpRequest } from "./http-request.ts";
import { type Hop, nextHop } from "./redirect.ts";
import { rewriteOrigin } from "./rewrite.ts";

/** What all HTTP requests of a process share. */
export interface HttpEffectOptions {
  readonly addresses: AddressPolicy;
  readonly limits: HttpLimits;
  readonly connections: Connections;
  /** Access tokens that are still valid. */
  readonly tokens: TokenCache;
  readonly resolveHost?: ResolveHost;
}

/** The effect on whose behalf requests are sent. */
export interface HttpScope {
  readonly context: EffectContext;
  readonly sensitive: SensitiveValues;
  readonly options: HttpEffectOptions;
}

/** A request that got a response, whatever its status. */
export interface HttpAnswer {
  readonly request: HttpRequest;
  /** The last request, after redirects. */
  readonly hop: Hop;
  readonly response: HttpResponse;
}

/**
 * Sends the request that the input of an `http` effect describes: signs in, checks addresses, follows redirects.
 *
 * @throws {DurableFailure} when there is no response; a response with an error status is none
 */
export async function requestHttp(input: Json, scope: HttpScope): Promise<HttpAnswer> {
  const signed = await withToken(input, scope);
  const request = readHttpRequest(signed.input, idempotencyKeyOf(signed.input, scope.context));
  const authorization = request.headers.authorization;
  if (authorization !== undefined) scope.sensitive.add(authorization.replace(/^\w+ /, ""));
  const answer = await withTimeLimit(scope, (signal) => follow(request, signal, scope));
  if (answer.response.statusCode === 401) signed.forget();
  return { request, ...answer };
}

/** How a call signs in. */
export interface Authorization {
  readonly headers: Readonly<Record<string, string>>;
  /** Drops the token behind the headers: the service refused it. */
  forget(): void;
}

/**
 * The headers with which a policy signs a call in, for protocols that are not plain HTTP requests.
 *
 * @throws {DurableFailure} `configuration` for `digest`, which needs requests of its own
 */
export async function authorize(
  authentication: JsonObject,
  rewrite: readonly Json[],
  scope: HttpScope,
): Promise<Authorization> {
  if (authentication.digest !== undefined) {
    throw failure("configuration", {
      detail: "Cannot sign in by digest here; use basic, bearer, oauth2 or oidc",
      retryable: false,
    });
  }
  const { input, forget } = await withToken({ authentication, rewrite }, scope);
  const authorization = authorizationHeader(new InputReader("authentication", input).map("authentication"));
  if (authorization === undefined) return { headers: {}, forget };
  scope.sensitive.add(authorization.replace(/^\w+ /, ""));
  return { headers: { authorization }, forget };
}

/** The input with `oauth2` and `oidc` replaced by the bearer token that they give. */
async function withToken(input: Json, scope: HttpScope): Promise<{ input: Json; forget: () => void }> {
  if (!isObject(input) || !isObject(input.authentication)) return { input, forget: () => undefined };
  const rewrite = input.rewrite ?? [];
  const { policy, forget } = await signIn(input.authentication, {
    rewrite,
    tokens: scope.options.tokens,
    sensitive: scope.sensitive,
    send: async (request) => (await requestHttp({ ...request, rewrite }, scope)).response,
  });
  return { input: { ...input, authentication: policy }, forget };
}

async function withTimeLimit<T>(scope: HttpScope, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const { totalMs } = scope.options.limits;
  const timeLimit = new AbortController();
  const expire = () => timeLimit.abort(new TimeLimit(`it was not done after ${totalMs / 1000} s`));
  const timer = setTimeout(expire, totalMs);
  try {
    return await work(AbortSignal.any([scope.context.signal, timeLimit.signal]));
  } finally {
    clearTimeout(timer);
  }
}

const MAX_REDIRECTS = 10;

async function follow(request: HttpRequest, signal: AbortSignal, scope: HttpScope) {
  let hop: Hop = { method: request.method, url: request.url, headers: request.headers, body: request.body?.bytes };
  for (let redirects = 0; ; redirects++) {
    const response = await sendSigned(hop, request, signal, scope);
    const next = request.redirect ? nextHop(hop, response, scope.sensitive) : undefined;
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

/** Answers a digest challenge, and once more when the server only calls its nonce stale. */
async function sendSigned(hop: Hop, request: HttpRequest, signal: AbortSignal, scope: HttpScope) {
  let response = await send(hop, request, signal, scope);
  const credentials = request.digest;
  if (credentials === undefined || hop.url.origin !== request.url.origin) return response;
  for (let tries = 0; tries < 2 && response.statusCode === 401; tries++) {
    const challenge = response.headers["www-authenticate"];
    const authorization = digestAuthorization(challenge, { ...credentials, method: hop.method, url: hop.url });
    if (authorization === undefined || (tries > 0 && !/stale="?true/i.test(challenge ?? ""))) break;
    response = await send({ ...hop, headers: { ...hop.headers, authorization } }, request, signal, scope);
  }
  return response;
}

async function send(hop: Hop, request: HttpRequest, signal: AbortSignal, scope: HttpScope): Promise<HttpResponse> {
  const { options } = scope;
  const url = rewriteOrigin(hop.url, request.rewrite);
  const host = await checkHost(url, options.addresses, options.resolveHost);
  const { method, headers, body } = hop;
  const mayRepeat = isRead(method) || (scope.context.crash === "repeat" && headers["idempotency-key"] !== undefined);
  return exchange({ method, url, host, headers, body, limits: options.limits, signal, mayRepeat }, options.connections);
}

function isRead(method: string): boolean {
  return method === "GET" || method === "HEAD";
}
