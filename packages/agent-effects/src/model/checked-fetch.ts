import http from "node:http";
import https from "node:https";
import { Readable } from "node:stream";
import { type AddressPolicy, checkHost, pinnedLookup } from "@stigmer/effects";

/** Without a byte from a model, ms. Local models read a long prompt for minutes before their first word. */
const IDLE_MS = 15 * 60_000;
/** Statuses whose responses have no body. */
const EMPTY: ReadonlySet<number> = new Set([101, 204, 205, 304]);

/**
 * A `fetch` for model providers over Node's own HTTP client: it checks and pins the address, follows no redirects, and
 * waits longer for the first byte than the built-in one. Bodies are text.
 */
export function createCheckedFetch(addresses: AddressPolicy): typeof globalThis.fetch {
  return async (input, init) => {
    const url = new URL(input instanceof Request ? input.url : input);
    const host = await checkHost(url, addresses);
    const body = typeof init?.body === "string" ? Buffer.from(init.body) : undefined;
    const headers = Object.fromEntries(new Headers(init?.headers).entries());
    const options: https.RequestOptions = {
      protocol: url.protocol,
      hostname: host.hostname,
      port: url.port === "" ? undefined : Number(url.port),
      path: `${url.pathname}${url.search}`,
      method: init?.method ?? "GET",
      headers: { ...headers, ...(body ? { "content-length": String(body.length) } : {}) },
      agent: false,
      lookup: pinnedLookup(host),
      timeout: IDLE_MS,
      ...(init?.signal ? { signal: init.signal } : {}),
    };
    return send(url.protocol === "https:" ? https.request(options) : http.request(options), body);
  };
}

function send(request: http.ClientRequest, body: Buffer | undefined): Promise<Response> {
  return new Promise((resolve, reject) => {
    request.on("timeout", () => request.destroy(new Error(`no byte came for ${IDLE_MS / 60_000} minutes`)));
    request.on("error", reject);
    request.on("response", (message) => resolve(toResponse(message)));
    request.end(body);
  });
}

function toResponse(message: http.IncomingMessage): Response {
  const status = message.statusCode ?? 500;
  const headers = new Headers();
  for (const [name, value] of Object.entries(message.headers)) {
    for (const one of Array.isArray(value) ? value : [value ?? ""]) headers.append(name, one);
  }
  if (EMPTY.has(status)) {
    message.resume();
    return new Response(null, { status, headers });
  }
  const stream = Readable.toWeb(message) as ReadableStream<Uint8Array>;
  return new Response(stream, { status, headers });
}
