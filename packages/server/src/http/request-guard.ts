import type { IncomingHttpHeaders } from "node:http";
import { type ErrorReason, StigmerError } from "@stigmer/api";
import { EVENTS_PATH, isCloudEventRequest } from "../events/read-cloud-events.ts";
import { LIMITS } from "./limits.ts";

/** Where a request came in: the port, open to every program and browser of the machine, or the private socket. */
export type Door = PortDoor | { readonly kind: "socket" };

/** The port with everything that it is called by. */
export interface PortDoor {
  readonly kind: "port";
  readonly port: number;
  readonly scheme: "http" | "https";
  /** Names and addresses beside those of loopback; small letters. */
  readonly names: readonly string[];
}

/** A request that is refused before any of it is routed: an HTTP status and the error. */
export interface Refusal {
  readonly status: number;
  readonly error: StigmerError;
}

/** What the guard looks at. */
export interface GuardedRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
}

const RPC_CONTENT_TYPE = /^application\/(json|proto|(connect|grpc|grpc-web)\+(json|proto)|grpc|grpc-web)( *;.*)?$/i;

/**
 * Refuses what a foreign page can send: another Host (DNS rebinding), a foreign Origin (cross-site requests), a
 * content type that forms can produce. Also refuses a body that says it is too large.
 */
export function guardRequest(request: GuardedRequest, door: Door): Refusal | undefined {
  return (
    checkHost(request.headers, door) ??
    checkOrigin(request.headers, door) ??
    (request.method === "POST" ? (checkContentType(request) ?? checkLength(request.headers)) : undefined)
  );
}

function checkHost(headers: IncomingHttpHeaders, door: Door): Refusal | undefined {
  if (door.kind === "socket") return undefined;
  const authority = headers[":authority"] ?? headers.host;
  const host = typeof authority === "string" ? authority.toLowerCase() : "";
  const isConsistent = headers[":authority"] === undefined || headers.host === undefined || headers.host === authority;
  if (isConsistent && ownAuthorities(door).includes(host)) return undefined;
  return refuse(421, "HOST_NOT_ALLOWED", `Cannot serve host "${host.slice(0, 100)}": it is not a name of this server`);
}

function checkOrigin(headers: IncomingHttpHeaders, door: Door): Refusal | undefined {
  const { origin } = headers;
  if (headers["sec-fetch-site"] === "cross-site") return refuseOrigin(origin ?? "cross-site");
  if (origin === undefined) return undefined;
  const allowed = door.kind === "port" ? ownAuthorities(door).map((host) => `${door.scheme}://${host}`) : [];
  return allowed.includes(origin.toLowerCase()) ? undefined : refuseOrigin(origin);
}

function refuseOrigin(origin: string): Refusal {
  return refuse(403, "ORIGIN_NOT_ALLOWED", `Cannot serve a page of "${origin.slice(0, 100)}": it is not our console`);
}

/** Forms cannot make headers of CloudEvents either. */
function checkContentType({ path, headers }: GuardedRequest): Refusal | undefined {
  const type = headers["content-type"] ?? "";
  if (path === EVENTS_PATH ? isCloudEventRequest(headers) : RPC_CONTENT_TYPE.test(type)) return undefined;
  return refuse(415, "CONTENT_TYPE_NOT_ALLOWED", `Cannot read content type "${type.slice(0, 100)}" here`);
}

function checkLength(headers: IncomingHttpHeaders): Refusal | undefined {
  const length = Number(headers["content-length"] ?? 0);
  if (length <= LIMITS.messageBytes) return undefined;
  const message = `Cannot take a message of ${length} bytes: at most ${LIMITS.messageBytes} are allowed`;
  return refuse(413, "MESSAGE_TOO_LARGE", message);
}

/** Names with the port; without it where it is the scheme's own. */
function ownAuthorities({ port, scheme, names }: PortDoor): readonly string[] {
  const hosts = ["127.0.0.1", "localhost", "::1", ...names].map((name) => (name.includes(":") ? `[${name}]` : name));
  const isUsual = port === (scheme === "https" ? 443 : 80);
  return [...hosts.map((host) => `${host}:${port}`), ...(isUsual ? hosts : [])];
}

function refuse(status: number, reason: ErrorReason, message: string): Refusal {
  return { status, error: new StigmerError({ reason, message }) };
}
