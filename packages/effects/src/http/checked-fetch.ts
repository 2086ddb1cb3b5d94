import http from "node:http";
import https from "node:https";
import { type AddressPolicy, checkHost, pinnedLookup, type ResolveHost } from "./address-guard.ts";
import { rewriteOrigin } from "./rewrite.ts";

/** Limits and addresses of a fetch. */
export interface CheckedFetchOptions {
  readonly addresses: AddressPolicy;
  /** Without a byte from the other side, ms. */
  readonly idleMs: number;
  /** Of one response's content; no limit when absent. */
  readonly maxContentBytes?: number;
  /** Origins that are reached elsewhere. */
  readonly rewrite?: ReadonlyMap<string, string>;
  readonly resolveHost?: ResolveHost;
}

/** Statuses whose responses have no body. */
const EMPTY: ReadonlySet<number> = new Set([101, 204, 205, 304]);

/**
 * A `fetch` for client libraries over Node's own HTTP client: it checks and pins the address, follows no redirects, and
 * waits longer for the first byte than the built-in one. Bodies are text.
 */
export function createCheckedFetch(options: CheckedFetchOptions): typeof globalThis.fetch {
  return async (input, init) => {
    const named = new URL(input instanceof Request ? input.url : input);
    const url = rewriteOrigin(named, options.rewrite ?? new Map());
    const host = await checkHost(url, options.addresses, options.resolveHost);
    const body = typeof init?.body === "string" ? Buffer.from(init.body) : undefined;
    const headers = Object.fromEntries(new Headers(init?.headers).entries());
    const request: https.RequestOptions = {
      protocol: url.protocol,
      hostname: host.hostname,
      port: url.port === "" ? undefined : Number(url.port),
      path: `${url.pathname}${url.search}`,
      method: init?.method ?? "GET",
      headers: { ...headers, ...(body ? { "content-length": String(body.length) } : {}) },
      agent: false,
      lookup: pinnedLookup(host),
      timeout: options.idleMs,
      ...(init?.signal ? { signal: init.signal } : {}),
    };
    return send(url.protocol === "https:" ? https.request(request) : http.request(request), body, options);
  };
}

function send(request: http.ClientRequest, body: Buffer | undefined, options: CheckedFetchOptions): Promise<Response> {
  return new Promise((resolve, reject) => {
    request.on("timeout", () => request.destroy(new Error(`no byte came for ${options.idleMs / 1000} s`)));
    request.on("error", reject);
    request.on("response", (message) => resolve(toResponse(message, options.maxContentBytes ?? Infinity)));
    request.end(body);
  });
}

function toResponse(message: http.IncomingMessage, maxBytes: number): Response {
  const status = message.statusCode ?? 500;
  const headers = new Headers();
  for (const [name, value] of Object.entries(message.headers)) {
    for (const one of Array.isArray(value) ? value : [value ?? ""]) headers.append(name, one);
  }
  if (EMPTY.has(status)) {
    message.resume();
    return new Response(null, { status, headers });
  }
  return new Response(ReadableStream.from(limited(message, maxBytes)), { status, headers });
}

async function* limited(message: http.IncomingMessage, maxBytes: number): AsyncIterable<Uint8Array> {
  let sizeBytes = 0;
  for await (const chunk of message as AsyncIterable<Buffer>) {
    sizeBytes += chunk.length;
    if (sizeBytes > maxBytes) throw new Error(`the response is larger than ${maxBytes} bytes`);
    yield chunk;
  }
}
