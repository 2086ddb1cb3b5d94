import { type ClientRequest, type IncomingMessage, type RequestOptions, request as requestHttp } from "node:http";
import { StigmerError } from "@stigmer/api";

/**
 * Where the server is: this user's socket, or an address with the client token. `baseUrl` is `https://…`, or `http://…`
 * on this machine; `ca` holds certificates (PEM) to trust beside those of the system.
 */
export type ServerAddress =
  | { readonly socketPath: string }
  | { readonly baseUrl: string; readonly token: string; readonly ca?: string };

/** One call over HTTP/1.1. */
export interface HttpCallParams {
  readonly address: ServerAddress;
  /** `/stigmer.v1.SystemService/Status` and the like. */
  readonly path: string;
  readonly contentType: string;
  readonly body: Uint8Array;
  readonly headers: Readonly<Record<string, string>>;
  readonly signal: AbortSignal | undefined;
  /** Undefined means no deadline, ms. */
  readonly timeoutMs: number | undefined;
}

/**
 * Sends a call and resolves with the response once its headers are there.
 *
 * @throws {StigmerError} SERVER_UNREACHABLE, TIMEOUT, INTERRUPTED
 */
export function sendCall(params: HttpCallParams): Promise<IncomingMessage> {
  const { signal, timeoutMs } = params;
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(interrupted(signal.reason));
    const call = openRequest(params);
    // Once there is a response, its reader must get the error, not the request.
    let open: ClientRequest | IncomingMessage = call;
    const abort = () => open.destroy(interrupted(signal?.reason));
    const timer = timeoutMs === undefined ? undefined : setTimeout(() => open.destroy(late(timeoutMs)), timeoutMs);
    signal?.addEventListener("abort", abort, { once: true });
    call.once("response", (response) => {
      open = response;
      resolve(response);
    });
    call.once("error", (error) => reject(toCallError(error, params.address)));
    call.once("close", () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", abort);
    });
    call.end(params.body);
  });
}

function openRequest(params: HttpCallParams): ClientRequest {
  const { address } = params;
  const headers: Record<string, string | number> = {
    ...params.headers,
    "content-type": params.contentType,
    "content-length": params.body.length,
    "connect-protocol-version": "1",
    ...("token" in address ? { authorization: `Bearer ${address.token}` } : {}),
    ...(params.timeoutMs === undefined ? {} : { "connect-timeout-ms": String(Math.ceil(params.timeoutMs)) }),
  };
  const options: RequestOptions = { path: params.path, method: "POST", headers };
  // A name for TLS, which a socket has not: Node would look for one with regular expressions that cost 4 ms to compile.
  const noTls = { servername: "" };
  if ("socketPath" in address)
    return requestHttp({ ...options, socketPath: address.socketPath, host: "localhost", ...noTls });
  return requestByUrl(address, options);
}

const LOOPBACK: readonly string[] = ["127.0.0.1", "localhost", "[::1]"];

function requestByUrl(address: Exclude<ServerAddress, { socketPath: string }>, options: RequestOptions): ClientRequest {
  const { protocol, hostname, port } = new URL(address.baseUrl);
  const host = hostname.replace(/^\[|\]$/g, "");
  if (protocol === "https:") {
    // Loaded when it is needed: a command on this machine never speaks TLS.
    const https = process.getBuiltinModule("node:https");
    const trusted = address.ca === undefined ? {} : { ca: [...rootCertificates(), address.ca] };
    return https.request({ ...options, host, port: port === "" ? 443 : Number(port), ...trusted });
  }
  if (protocol === "http:" && LOOPBACK.includes(hostname)) {
    return requestHttp({ ...options, host, port: port === "" ? 80 : Number(port) });
  }
  const message = `Cannot call "${address.baseUrl}": the token goes over https://, or over http:// on this machine alone`;
  throw new StigmerError({ reason: "CONFIGURATION_INVALID", message });
}

function rootCertificates(): readonly string[] {
  return process.getBuiltinModule("node:tls").rootCertificates;
}

/** What broke on the way, as the error that everything else throws. */
export function toCallError(error: unknown, address: ServerAddress): StigmerError {
  if (error instanceof StigmerError) return error;
  const place = "socketPath" in address ? address.socketPath : address.baseUrl;
  const state = error instanceof Error && "code" in error ? String(error.code) : String(error);
  const message = `Cannot reach the server at "${place}": ${state}`;
  return new StigmerError({ reason: "SERVER_UNREACHABLE", message, cause: error });
}

function interrupted(cause: unknown): StigmerError {
  return new StigmerError({ reason: "INTERRUPTED", message: "Cannot finish the call: it was interrupted", cause });
}

function late(timeoutMs: number): StigmerError {
  return new StigmerError({ reason: "TIMEOUT", message: `Cannot finish the call: no answer in ${timeoutMs} ms` });
}
