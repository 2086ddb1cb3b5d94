import { StigmerError } from "@stigmer/api";
import { type Listener, listen, type RequestHandler } from "./listener.ts";
import { findPortOwner } from "./port-owner.ts";

/** An open port. */
export interface OpenPort extends Listener {
  readonly host: string;
  readonly port: number;
}

const LOOPBACK = new Set(["127.0.0.1", "::1", "localhost"]);

/**
 * Opens the port of the API.
 *
 * @param makeHandler gets the real port, which differs from `port` when that is 0
 * @throws {StigmerError} INSECURE_BIND when the host is not a loopback address; PORT_IN_USE with the owner's pid
 */
export async function openPort(
  host: string,
  port: number,
  makeHandler: (port: number) => RequestHandler,
): Promise<OpenPort> {
  if (!LOOPBACK.has(host)) {
    const message = `Cannot listen on "${host}": only loopback addresses are served without TLS and authentication`;
    throw new StigmerError({ reason: "INSECURE_BIND", message });
  }
  let serve: RequestHandler = (_request, response) => response.destroy();
  try {
    const listener = await listen({ host, port }, (request, response) => serve(request, response));
    const address = listener.server.address();
    const realPort = typeof address === "object" && address !== null ? address.port : port;
    serve = makeHandler(realPort);
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
