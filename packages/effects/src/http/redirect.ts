import { failure } from "../fail.ts";
import type { SensitiveValues } from "../sensitive-values.ts";
import type { HttpResponse } from "./http-exchange.ts";

/** One request on the way through redirects. */
export interface Hop {
  readonly method: string;
  /** As the document or the redirect names it, before rewriting. */
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer | undefined;
}

/**
 * The request to which a response sends us on; undefined when it does not. To another origin no credentials travel
 * along, and no header that holds a secret.
 *
 * @throws {DurableFailure} when the goal is no HTTP address, or a body with a secret would go to another origin
 */
export function nextHop(hop: Hop, response: HttpResponse, sensitive: SensitiveValues): Hop | undefined {
  const location = response.headers.location;
  if (!REDIRECTS.has(response.statusCode) || location === undefined) return undefined;
  const url = URL.parse(location, hop.url);
  if (url === null || (url.protocol !== "http:" && url.protocol !== "https:")) {
    throw failure("communication", {
      status: response.statusCode,
      detail: `${hop.method} ${hop.url} redirects to "${location}", which is no HTTP address`,
      retryable: false,
    });
  }
  const turned = turnToGet(hop, response.statusCode);
  if (url.origin === hop.url.origin) return { ...turned, url };
  if (turned.body !== undefined && sensitive.isIn(turned.body.toString("utf8"))) {
    throw failure("authorization", {
      detail: `${hop.method} ${hop.url} redirects to ${url.origin}, and its body holds a secret: it is not sent to another origin`,
      retryable: false,
    });
  }
  return { ...turned, url, headers: withoutSecrets(turned.headers, sensitive) };
}

const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);
const CREDENTIALS: ReadonlySet<string> = new Set(["authorization", "cookie", "proxy-authorization", "host"]);

/** 303 always, 301 and 302 after POST become a GET without a body. @see WHATWG Fetch, "HTTP-redirect fetch" */
function turnToGet(hop: Hop, statusCode: number): Hop {
  const isTurned =
    (statusCode === 303 && hop.method !== "HEAD" && hop.method !== "GET") ||
    ((statusCode === 301 || statusCode === 302) && hop.method === "POST");
  if (!isTurned) return hop;
  const headers = Object.entries(hop.headers).filter(([name]) => name !== "content-type" && name !== "idempotency-key");
  return { method: "GET", url: hop.url, headers: Object.fromEntries(headers), body: undefined };
}

function withoutSecrets(headers: Readonly<Record<string, string>>, sensitive: SensitiveValues): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).filter(([name, value]) => !CREDENTIALS.has(name) && !sensitive.isIn(value)),
  );
}
