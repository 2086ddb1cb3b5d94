import { type CheckedHost, checkHost } from "../http/address-guard.ts";
import { rewriteOrigin } from "../http/rewrite.ts";
import type { OpenChannelParams } from "./channel.ts";

/** Where a connection really goes. */
export interface ServerAddress {
  /** With `http:` or `https:`, whatever the protocol: rewrite rules name servers so, port included. */
  readonly url: URL;
  readonly host: CheckedHost;
  readonly port: number;
  readonly isSecure: boolean;
}

/**
 * The checked address of a target's server.
 *
 * @param defaultPort of the protocol, plain and secure
 * @throws {DurableFailure} `authorization` when an address is refused
 */
export async function checkServer(
  { target, rewrite, scope }: OpenChannelParams,
  defaultPort: { readonly plain: number; readonly secure: number },
): Promise<ServerAddress> {
  const isSecure = target.isSecure || SECURE.has(target.url.protocol);
  const ownPort = target.url.port === "" ? undefined : Number(target.url.port);
  const port = ownPort ?? knownPort(target.url.protocol) ?? (isSecure ? defaultPort.secure : defaultPort.plain);
  const named = new URL(`${isSecure ? "https" : "http"}://${target.url.host.replace(/:\d+$/, "")}:${port}`);
  const url = rewriteOrigin(named, rewrite);
  const host = await checkHost(url, scope.options.addresses, scope.options.resolveHost);
  const isTls = url.protocol === "https:";
  return { url, host, port: url.port === "" ? (isTls ? 443 : 80) : Number(url.port), isSecure: isTls };
}

const SECURE: ReadonlySet<string> = new Set(["https:", "wss:", "mqtts:", "secure-mqtt:"]);

/** URLs of these schemes do not show their default port. */
function knownPort(scheme: string): number | undefined {
  if (scheme === "ws:" || scheme === "http:") return 80;
  return scheme === "wss:" || scheme === "https:" ? 443 : undefined;
}
