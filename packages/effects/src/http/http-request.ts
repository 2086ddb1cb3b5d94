import { createHash } from "node:crypto";
import type { Json } from "@stigmer/durable";
import type { EffectContext } from "../effect-context.ts";
import { failure } from "../fail.ts";
import { asText, InputReader, isList, isObject, type JsonObject } from "../read-input.ts";
import { authorizationHeader, type DigestCredentials, digestCredentials } from "./http-authorization.ts";
import { type HttpBody, toHttpBody } from "./http-body.ts";
import { readRewrite } from "./rewrite.ts";

/** What the task gets of the response. */
export type HttpOutput = "content" | "response" | "raw";

/** A request as the document asks for it, before any redirect. */
export interface HttpRequest {
  readonly method: string;
  readonly url: URL;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: HttpBody | undefined;
  /** With these a digest challenge is answered. */
  readonly digest: DigestCredentials | undefined;
  readonly output: HttpOutput;
  /** Follow redirects and accept 3xx; otherwise 3xx is a failure. */
  readonly redirect: boolean;
  /** Origins that are reached elsewhere. */
  readonly rewrite: ReadonlyMap<string, string>;
}

/**
 * The idempotency key of a request: that of the call, or one that the input shares with earlier attempts of its task
 * (`idempotencyScope`).
 */
export function idempotencyKeyOf(input: Json, context: Pick<EffectContext, "executionId" | "idempotencyKey">): string {
  const scope = isObject(input) ? input.idempotencyScope : undefined;
  if (typeof scope !== "string") return context.idempotencyKey;
  // Names of tasks may hold what no header can.
  return createHash("sha256").update(`${context.executionId}\n${scope}`).digest("hex").slice(0, 32);
}

/**
 * Reads the input of an `http` effect.
 *
 * @throws {DurableFailure} `configuration` where it cannot be a request
 */
export function readHttpRequest(input: Json, idempotencyKey: string): HttpRequest {
  const reader = new InputReader("call: http", input);
  const method = reader.text("method").toUpperCase();
  if (!/^[A-Z]+$/.test(method)) throw invalid(`method "${method}" is none`);
  const url = readUrl(reader.text("uri"));
  addQuery(url, reader.map("query"));
  const headers = readHeaders(reader.map("headers"));
  const policy = reader.map("authentication");
  addAuthorization(headers, policy, url);
  const body = toHttpBody(reader.value("body"), headers["content-type"]);
  if (body && headers["content-type"] === undefined) headers["content-type"] = body.contentType;
  headers.accept ??= "application/json, text/*;q=0.9, */*;q=0.8";
  headers["accept-encoding"] ??= "gzip, deflate, br";
  headers["user-agent"] ??= "stigmer";
  if (WRITES.has(method) && reader.value("idempotencyKey") !== false) headers["idempotency-key"] ??= idempotencyKey;
  return {
    method,
    url,
    headers,
    body,
    digest: digestCredentials(policy),
    output: reader.oneOf("output", ["content", "response", "raw"], "content"),
    redirect: reader.flag("redirect"),
    rewrite: readRewrite(reader.list("rewrite")),
  };
}

const WRITES: ReadonlySet<string> = new Set(["POST", "PUT", "PATCH", "DELETE"]);
/** Headers that frame the message on the wire; from a document they could smuggle a second request. */
const FRAMING: ReadonlySet<string> = new Set([
  "content-length",
  "transfer-encoding",
  "connection",
  "upgrade",
  "te",
  "trailer",
  "keep-alive",
]);

function readUrl(text: string): URL {
  const url = URL.parse(text);
  if (url === null) throw invalid(`"${text}" is no absolute URI`);
  if (url.protocol !== "http:" && url.protocol !== "https:") {
    throw invalid(`"${url.protocol}//" is not supported; use http or https`);
  }
  return url;
}

function addQuery(url: URL, query: JsonObject): void {
  for (const [name, value] of Object.entries(query)) {
    if (value === null) continue;
    for (const item of isList(value) ? value : [value]) url.searchParams.append(name, asText(item));
  }
}

function readHeaders(map: JsonObject): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(map)) {
    const key = name.toLowerCase();
    if (!/^[!#$%&'*+.^_`|~0-9a-z-]+$/.test(key)) throw invalid(`header name "${name}" is none`);
    if (FRAMING.has(key)) throw invalid(`header "${name}" is set by the HTTP client itself`);
    if (value === null) continue;
    const text = isList(value) ? value.map(asText).join(", ") : asText(value);
    if (!/^[\t\x20-\x7e\x80-\xff]*$/.test(text))
      throw invalid(`header "${name}" holds a line break or another sign that no header can`);
    headers[key] = text;
  }
  return headers;
}

function addAuthorization(headers: Record<string, string>, policy: JsonObject, url: URL): void {
  const header = authorizationHeader(policy) ?? userInformation(url);
  if (header !== undefined) headers.authorization = header;
  // `user:password@` would otherwise stand in every message that names the URI.
  url.username = "";
  url.password = "";
}

function userInformation(url: URL): string | undefined {
  if (url.username === "") return undefined;
  return authorizationHeader({ basic: { username: decode(url.username), password: decode(url.password) } });
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // a lone per cent sign
  }
}

function invalid(why: string) {
  return failure("configuration", { detail: `Cannot do "call: http": ${why}`, retryable: false });
}
