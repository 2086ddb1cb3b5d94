import { createHmac, randomUUID } from "node:crypto";
import { DurableFailure, type Json } from "@stigmer/durable";
import { failure } from "../fail.ts";
import type { HttpResponse } from "../http/http-exchange.ts";
import { isObject, type JsonObject } from "../read-input.ts";
import { discoverTokenEndpoint } from "./discover.ts";
import { requireIssuer } from "./issuer.ts";
import type { SignInDoors } from "./sign-in-doors.ts";
import type { AccessToken } from "./token-cache.ts";
import type { TokenPolicy } from "./token-policy.ts";

/**
 * Asks the policy's authority for a token; with the refresh token that came with the last one, if any, and if that is
 * refused, by the policy's own grant.
 *
 * @throws {DurableFailure} `authentication` when the authority refuses or gives no usable token
 */
export async function askForToken(
  policy: TokenPolicy,
  last: AccessToken | undefined,
  doors: SignInDoors,
): Promise<AccessToken> {
  const endpoint = policy.scheme === "oidc" ? await discoverTokenEndpoint(policy, doors) : policy.tokenEndpoint;
  if (last?.refreshToken !== undefined) {
    try {
      const fields = { grant_type: "refresh_token", refresh_token: last.refreshToken };
      const token = await request(policy, endpoint, fields, doors);
      return { refreshToken: last.refreshToken, ...token };
    } catch (error) {
      if (!(error instanceof DurableFailure) || error.failure.status !== 401) throw error;
    }
  }
  return request(policy, endpoint, grantFields(policy), doors);
}

type Fields = { readonly [name: string]: Json };

function grantFields(policy: TokenPolicy): Fields {
  const { grant, subject, actor } = policy;
  const token = subject?.token ?? "";
  switch (grant) {
    case "client_credentials":
      return { grant_type: grant };
    case "password":
      return { grant_type: grant, username: policy.username ?? "", password: policy.password ?? "" };
    case "refresh_token":
      return { grant_type: grant, refresh_token: token };
    case "authorization_code":
      return { grant_type: grant, code: token };
    case "urn:ietf:params:oauth:grant-type:token-exchange":
      return {
        grant_type: grant,
        subject_token: token,
        subject_token_type: subject?.type ?? "",
        ...(actor ? { actor_token: actor.token, actor_token_type: actor.type } : {}),
      };
  }
}

async function request(policy: TokenPolicy, endpoint: string, grant: Fields, doors: SignInDoors): Promise<AccessToken> {
  const { headers, fields } = clientProof(policy, endpoint);
  const body = {
    ...grant,
    ...(policy.scopes.length > 0 ? { scope: policy.scopes.join(" ") } : {}),
    ...(policy.audiences.length > 0 ? { audience: [...policy.audiences] } : {}),
    ...fields,
  };
  const response = await doors.send({
    method: "POST",
    uri: endpoint,
    headers: { "content-type": policy.encoding, accept: "application/json", ...headers },
    body,
    idempotencyKey: false,
  });
  return readToken(policy, endpoint, response, doors);
}

const ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

function clientProof({ client }: TokenPolicy, endpoint: string): { headers: JsonObject; fields: Fields } {
  const id = client.id === undefined ? {} : { client_id: client.id };
  switch (client.authentication) {
    case "none":
      return { headers: {}, fields: id };
    case "client_secret_post":
      return { headers: {}, fields: { ...id, client_secret: client.secret ?? "" } };
    case "client_secret_basic": {
      // RFC 6749 section 2.3.1: both parts are form-encoded before they are joined.
      const pair = `${formEncode(client.id ?? "")}:${formEncode(client.secret ?? "")}`;
      return { headers: { authorization: `Basic ${Buffer.from(pair).toString("base64")}` }, fields: {} };
    }
    case "client_secret_jwt":
    case "private_key_jwt": {
      const assertion = client.assertion ?? signAssertion(client.id ?? "", client.secret ?? "", endpoint);
      return { headers: {}, fields: { ...id, client_assertion_type: ASSERTION_TYPE, client_assertion: assertion } };
    }
  }
}

function formEncode(text: string): string {
  return new URLSearchParams({ x: text }).toString().slice(2);
}

/** @see RFC 7523 section 3 */
function signAssertion(id: string, secret: string, endpoint: string): string {
  const issuedAt = Math.floor(Date.now() / 1000);
  const claims = { iss: id, sub: id, aud: endpoint, jti: randomUUID(), iat: issuedAt, exp: issuedAt + 300 };
  const text = [{ alg: "HS256", typ: "JWT" }, claims]
    .map((part) => Buffer.from(JSON.stringify(part)).toString("base64url"))
    .join(".");
  return `${text}.${createHmac("sha256", secret).update(text).digest("base64url")}`;
}

function readToken(policy: TokenPolicy, endpoint: string, response: HttpResponse, doors: SignInDoors): AccessToken {
  const content = parse(response.content);
  if (response.statusCode >= 300) throw refused(endpoint, response.statusCode, content);
  const token = content.access_token;
  if (typeof token !== "string" || token === "") {
    throw failure("authentication", { detail: `${endpoint} answered without an access token`, retryable: false });
  }
  const refreshToken = content.refresh_token;
  doors.sensitive.add([token, ...(typeof refreshToken === "string" ? [refreshToken] : [])]);
  requireIssuer(policy, token, content.id_token);
  const lifetimeS = Number(content.expires_in ?? 0);
  return {
    token,
    expiresAtMs: Date.now() + (Number.isFinite(lifetimeS) ? lifetimeS * 1000 : 0),
    ...(typeof refreshToken === "string" ? { refreshToken } : {}),
  };
}

function parse(content: Buffer): JsonObject {
  try {
    const value = JSON.parse(content.toString("utf8")) as Json;
    return isObject(value) ? value : {};
  } catch {
    return {};
  }
}

function refused(endpoint: string, status: number, content: JsonObject) {
  const said = [content.error, content.error_description].filter((part) => typeof part === "string").join(": ");
  const detail = `${endpoint} gave no token, it answered ${status}${said === "" ? "" : `: ${said}`}`;
  // An authority that is down has refused nobody: a retry may help.
  if (status >= 500 || status === 429) return failure("communication", { status, detail });
  return failure("authentication", { detail, retryable: false });
}
