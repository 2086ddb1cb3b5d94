import { failure } from "../fail.ts";
import { createCheckedFetch } from "../http/checked-fetch.ts";
import { toContent } from "../http/http-content.ts";
import { requireSuccess } from "../http/http-effect.ts";
import { authorize, requestHttp } from "../http/request-http.ts";
import { asText } from "../read-input.ts";
import type { Channel, InboundMessage, OpenChannelParams } from "./channel.ts";
import { readStreamedTexts } from "./streamed-texts.ts";

/** HTTP: a request for each message; a subscription reads one response, event by event where it is a stream. */
export async function openHttpChannel(params: OpenChannelParams): Promise<Channel> {
  const { target, authentication, rewriteRules, scope } = params;
  const url = toHttpUrl(params);
  const method = target.bindings.method;
  return {
    async send({ payload, headers }) {
      const request = {
        method: typeof method === "string" ? method : "POST",
        uri: url.href,
        headers,
        body: payload,
        authentication,
        rewrite: rewriteRules,
      };
      requireSuccess(await requestHttp(request, scope), scope.sensitive);
    },
    receive: () => receive(params, url),
    close: async () => undefined,
  };
}

function toHttpUrl({ target }: OpenChannelParams): URL {
  const url = new URL(target.url);
  const path = `${url.pathname.replace(/\/+$/, "")}/${target.address.replace(/^\/+/, "")}`;
  return new URL(
    `${target.isSecure || url.protocol === "https:" ? "https" : "http"}://${url.host}${path}${url.search}`,
  );
}

async function* receive(params: OpenChannelParams, url: URL): AsyncIterable<InboundMessage> {
  const { scope, target, signal } = params;
  const { addresses, limits, resolveHost } = scope.options;
  const fetch = createCheckedFetch({
    addresses,
    // A quiet channel is no broken one: the subscription's own time ends it.
    idleMs: MAX_IDLE_MS,
    maxContentBytes: limits.maxContentBytes,
    rewrite: params.rewrite,
    ...(resolveHost ? { resolveHost } : {}),
  });
  const authorization = await authorize(params.authentication, params.rewriteRules, scope);
  const method = typeof target.bindings.method === "string" ? target.bindings.method : "GET";
  const response = await fetch(url, {
    method,
    headers: { accept: "text/event-stream, application/x-ndjson, application/json", ...authorization.headers },
    signal,
  }).catch((cause: unknown) => {
    throw cause instanceof Error && "failure" in cause ? cause : broken(url, cause);
  });
  if (response.status === 401) authorization.forget();
  if (!response.ok) throw refused(url, response.status);
  const headers = Object.fromEntries(response.headers);
  const contentType = response.headers.get("content-type") ?? undefined;
  try {
    for await (const text of readStreamedTexts(response.body, contentType)) {
      yield { payload: toContent(Buffer.from(text), undefined), headers };
    }
  } catch (error) {
    if (signal.aborted) return;
    throw broken(url, error);
  }
}

const MAX_IDLE_MS = 2_147_483_647;

function broken(url: URL, cause: unknown) {
  const message = cause instanceof Error ? cause.message : asText(String(cause));
  return failure("communication", { detail: `The subscription to ${url.href} broke: ${message}`, cause });
}

function refused(url: URL, status: number) {
  const type = status === 401 ? "authentication" : status === 403 ? "authorization" : "communication";
  return failure(type, { status, detail: `The subscription to ${url.href} was answered by ${status}` });
}
