import { StigmerError } from "@stigmer/api";
import { type Listener, listen, type RequestHandler } from "./listener.ts";
import { findPortOwner } from "./port-owner.ts";
import type { TlsMaterial } from "./read-tls.ts";
import type { PortDoor } from "./request-guard.ts";

/** An open port. */
export interface OpenPort extends Listener {
  readonly host: string;
  readonly port: number;
}

/** Where a port opens, and how. */
export interface OpenPortParams {
  readonly host: string;
  /** 0 means any free one. */
  readonly port: number;
  /** Absent speaks in clear, which is for loopback addresses alone. */
  readonly tls?: TlsMaterial;
  /** Gets the door with the real port. */
  readonly makeHandler: (door: PortDoor) => RequestHandler;
}

const LOOPBACK = new Set(["127.0.0.1", "::1", "localhost"]);

/** Addresses that are no names: who calls names something else. */
const ANY_ADDRESS = new Set(["0.0.0.0", "::"]);

/**
 * Opens the port of the API.
 *
 * @throws {StigmerError} INSECURE_BIND when the host is not a loopback address and no TLS is configured; PORT_IN_USE
 *   with the owner's pid
 */
export async function openPort({ host, port, tls, makeHandler }: OpenPortParams): Promise<OpenPort> {
  if (!LOOPBACK.has(host) && tls === undefined) {
    const message = `Cannot listen on "${host}": without TLS only loopback addresses are served`;
    throw new StigmerError({ reason: "INSECURE_BIND", message });
  }
  let serve: RequestHandler = (_request, response) => response.destroy();
  try {
    const extras = tls === undefined ? {} : { tls };
    const listener = await listen({ host, port }, (request, response) => serve(request, response), extras);
    const address = listener.server.address();
    const realPort = typeof address === "object" && address !== null ? address.port : port;
    const own = ANY_ADDRESS.has(host) ? [] : [host.toLowerCase()];
    const names = [...own, ...(tls?.names ?? [])];
    serve = makeHandler({ kind: "port", port: realPort, scheme: tls === undefined ? "http" : "https", names });
    return { ...listener, host, port: realPort };
  } catch (error) {
    throw explain(error, port);
  }
}

function explain(error: unknown, port: number): unknown {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (code === "EADDRINUSE") return portInUse(error, port);
  if (code !== "EACCES" && code !== "EADDRNOTAVAIL") return error;
  const message = `Cannot listen on port ${port}: the system refuses it (${code})`;
  return new StigmerError({ reason: "CONFIGURATION_INVALID", message, cause: error });
}

function portInUse(error: unknown, port: number): StigmerError {
  const pid = findPortOwner(port);
  const owner = pid === undefined ? "by another program" : `by pid ${pid}`;
  return new StigmerError({
    reason: "PORT_IN_USE",
    message: `Cannot listen on port ${port}: it is in use ${owner}`,
    hint: `stigmer up --port ${port === 65_535 ? 7234 : port + 1}`,
    details: { metadata: { port: String(port), ...(pid === undefined ? {} : { pid: String(pid) }) } },
    cause: error,
  });
}
