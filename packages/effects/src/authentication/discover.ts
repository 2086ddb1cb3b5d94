import type { Json } from "@stigmer/durable";
import { failure } from "../fail.ts";
import { isObject } from "../read-input.ts";
import type { SignInDoors } from "./sign-in-doors.ts";
import type { TokenPolicy } from "./token-policy.ts";

/**
 * The token endpoint that an OpenID provider publishes.
 *
 * @throws {DurableFailure} `authentication` when the provider publishes none, or speaks for another issuer
 * @see OpenID Connect Discovery 1.0 section 4
 */
export async function discoverTokenEndpoint(policy: TokenPolicy, doors: SignInDoors): Promise<string> {
  const uri = `${policy.authority}/.well-known/openid-configuration`;
  const response = await doors.send({ method: "GET", uri, headers: { accept: "application/json" }, redirect: true });
  const document = response.statusCode === 200 ? parse(response.content) : undefined;
  if (!isObject(document) || typeof document.token_endpoint !== "string") {
    throw failure(response.statusCode >= 500 ? "communication" : "authentication", {
      detail: `Cannot discover ${uri}: it answered ${response.statusCode} without a token endpoint`,
    });
  }
  const issuer = typeof document.issuer === "string" ? document.issuer.replace(/\/+$/, "") : undefined;
  if (issuer !== policy.authority && !policy.issuers.some((allowed) => allowed.replace(/\/+$/, "") === issuer)) {
    throw failure("authentication", {
      detail: `${uri} speaks for issuer ${issuer ?? "nobody"} and not for ${policy.authority}; list it in "issuers" if that is right`,
      retryable: false,
    });
  }
  return document.token_endpoint;
}

function parse(content: Buffer): Json {
  try {
    return JSON.parse(content.toString("utf8")) as Json;
  } catch {
    return null;
  }
}
