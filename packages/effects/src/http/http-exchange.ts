import http from "node:http";
import https from "node:https";
import { failure, stopped } from "../fail.ts";
import { type CheckedHost, pinnedLookup } from "./address-guard.ts";
import { readBody } from "./read-body.ts";

/** Limits of one HTTP call, redirects included. */
export interface HttpLimits {
  /** Until the connection stands; 30 seconds when absent. */
  readonly connectMs: number;
  /** Without a byte from the other side; 60 seconds when absent. */
  readonly idleMs: number;
  /** All together; 5 minutes when absent. */
  readonly totalMs: number;
  /** Of a response's content, unpacked; 10 MB when absent. */
  readonly maxContentBytes: number;
}

/** One request to one address. */
export interface Exchange {
  readonly method: string;
  /** Where it really goes, after rewriting. */
  readonly url: URL;
  readonly host: CheckedHost;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer | undefined;
  readonly limits: HttpLimits;
  readonly signal: AbortSignal;
  /** Whether the other side may see it twice: a read, or a write that it knows again by its key. */
  readonly mayRepeat: boolean;
}

/** A response, read to its end. */
export interface HttpResponse {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Without transfer and content encoding. */
  readonly content: Buffer;
}

/** Connections that wait for the next request to the same server. */
export interface Connections {
  readonly http: http.Agent;
  readonly https: https.Agent;
  close(): void;
}

/**
 * Kept connections are used for requests that may be seen twice only: one on a connection that just broke could not be
 * told from one that was done.
 */
export function createConnections(): Connections {
  const options = { keepAlive: true, maxFreeSockets: 64, timeout: 30_000 };
  const connections = { http: new http.Agent(options), https: new https.Agent(options) };
  return {
    ...connections,
    close() {
      connections.http.destroy();
      connections.https.destroy();
    },
  };
}

/**
 * Sends one request and reads the response.
 *
 * @throws {DurableFailure} `communication` when the connection or the response fails, `timeout` when a limit passes
 */
export async function exchange(params: Exchange, connections: Connections): Promise<HttpResponse> {
  const { mayRepeat } = params;
  const request = sendRequest(params, mayRepeat ? connections : undefined);
  try {
    return await readResponse(request, params);
  } catch (error) {
    // The other side closed the kept connection in the same moment.
    if (mayRepeat && request.reusedSocket && isReset(error)) {
      return await readResponse(sendRequest(params, undefined), params).catch((second: unknown) =>
        fail(second, params),
      );
    }
    return fail(error, params);
  }
}

function sendRequest(params: Exchange, connections: Connections | undefined): http.ClientRequest {
  const { url, host, limits } = params;
  const isTls = url.protocol === "https:";
  const kept = isTls ? connections?.https : connections?.http;
  const options: https.RequestOptions = {
    protocol: url.protocol,
    hostname: host.hostname,
    port: url.port === "" ? undefined : Number(url.port),
    path: `${url.pathname}${url.search}`,
    method: params.method,
    headers: { ...params.headers, ...(params.body ? { "content-length": String(params.body.length) } : {}) },
    agent: kept ?? false,
    lookup: pinnedLookup(host),
    signal: params.signal,
    timeout: limits.idleMs,
    maxHeaderSize: 64 * 1024,
  };
  const request = isTls ? https.request(options) : http.request(options);
  request.on("timeout", () => request.destroy(new TimeLimit(`no byte came for ${limits.idleMs / 1000} s`)));
  limitConnect(request, limits.connectMs);
  request.end(params.body);
  return request;
}

function limitConnect(request: http.ClientRequest, connectMs: number): void {
  request.once("socket", (socket) => {
    if (!socket.connecting) return;
    const timer = setTimeout(
      () => request.destroy(new TimeLimit(`no connection for ${connectMs / 1000} s`)),
      connectMs,
    );
    const clear = () => clearTimeout(timer);
    socket.once("connect", clear).once("close", clear);
  });
}

function readResponse(request: http.ClientRequest, params: Exchange): Promise<HttpResponse> {
  return new Promise((resolve, reject) => {
    request.once("error", reject);
    request.once("response", (message) => {
      if (params.method === "HEAD") message.resume();
      const body = params.method === "HEAD" ? NO_CONTENT : readBody(message, params.limits.maxContentBytes);
      body.then(
        (content) => resolve({ statusCode: message.statusCode ?? 0, headers: plainHeaders(message.headers), content }),
        (error: unknown) => {
          request.destroy();
          reject(error);
        },
      );
    });
  });
}

const NO_CONTENT = Promise.resolve(Buffer.alloc(0));

function plainHeaders(headers: http.IncomingHttpHeaders): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(", ") : (value ?? "")]),
  );
}

/** A time limit of ours passed. */
export class TimeLimit extends Error {}

function isReset(error: unknown): boolean {
  return error instanceof Error && "code" in error && (error.code === "ECONNRESET" || error.code === "EPIPE");
}

function fail(error: unknown, params: Exchange): never {
  const where = `${params.method} ${params.url.origin}${params.url.pathname}`;
  if (params.signal.aborted) {
    if (params.signal.reason instanceof TimeLimit) throw timeLimit(where, params.signal.reason);
    throw stopped(where);
  }
  if (error instanceof TimeLimit) throw timeLimit(where, error);
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  const message = error instanceof Error ? error.message : String(error);
  throw failure("communication", {
    detail: `${where} failed: ${message}${code === "" || message.includes(code) ? "" : ` (${code})`}`,
    cause: error,
  });
}

function timeLimit(where: string, error: TimeLimit) {
  return failure("timeout", { detail: `${where} took too long: ${error.message}`, cause: error });
}
