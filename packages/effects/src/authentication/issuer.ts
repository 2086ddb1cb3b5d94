import type { Json } from "@stigmer/durable";
import { failure } from "../fail.ts";
import { isObject } from "../read-input.ts";
import type { TokenPolicy } from "./token-policy.ts";

/**
 * Compares the issuer that a token names with the policy's `issuers`; a token that names none fails. Does nothing where
 * the policy lists none. The token came over our own connection to the authority, so its signature proves nothing more.
 *
 * @throws {DurableFailure} `authentication` when the issuer is another or unknown
 */
export function requireIssuer(policy: TokenPolicy, accessToken: string, idToken: Json | undefined): void {
  if (policy.issuers.length === 0) return;
  const issuer = issuerOf(accessToken) ?? (typeof idToken === "string" ? issuerOf(idToken) : undefined);
  if (issuer !== undefined && policy.issuers.some((allowed) => plain(allowed) === plain(issuer))) return;
  throw failure("authentication", {
    detail: `The token of ${policy.authority} ${issuer === undefined ? "names no issuer" : `was issued by ${issuer}`}, the policy allows ${policy.issuers.join(", ")}`,
    retryable: false,
  });
}

function issuerOf(token: string): string | undefined {
  const [, payload, signature] = token.split(".");
  if (payload === undefined || signature === undefined) return undefined;
  try {
    const claims = JSON.parse(Buffer.from(payload, "base64url").toString("utf8")) as Json;
    return isObject(claims) && typeof claims.iss === "string" ? claims.iss : undefined;
  } catch {
    return undefined; // an opaque token
  }
}

function plain(issuer: string): string {
  return issuer.replace(/\/+$/, "");
}
