import type { Json } from "@stigmer/durable";
import { failure } from "../fail.ts";
import { asText, InputReader, type JsonObject } from "../read-input.ts";

/** How a client proves who it is. */
export type ClientAuthentication =
  | "client_secret_post"
  | "client_secret_basic"
  | "client_secret_jwt"
  | "private_key_jwt"
  | "none";

const GRANTS = [
  "client_credentials",
  "password",
  "refresh_token",
  "authorization_code",
  "urn:ietf:params:oauth:grant-type:token-exchange",
] as const;

/** How a token is asked for. */
export type Grant = (typeof GRANTS)[number];

/** A security token and its type. */
export interface SecurityToken {
  readonly token: string;
  readonly type: string;
}

/** An `oauth2` or `oidc` policy, checked. */
export interface TokenPolicy {
  readonly scheme: "oauth2" | "oidc";
  /** Without a slash at its end. */
  readonly authority: string;
  /** Of `oauth2`; that of `oidc` is discovered. */
  readonly tokenEndpoint: string;
  readonly grant: Grant;
  readonly client: {
    readonly id: string | undefined;
    readonly secret: string | undefined;
    readonly assertion: string | undefined;
    readonly authentication: ClientAuthentication;
  };
  readonly encoding: "application/x-www-form-urlencoded" | "application/json";
  readonly issuers: readonly string[];
  readonly scopes: readonly string[];
  readonly audiences: readonly string[];
  readonly username: string | undefined;
  readonly password: string | undefined;
  /** Also carries the refresh token of `refresh_token` and the code of `authorization_code`. */
  readonly subject: SecurityToken | undefined;
  readonly actor: SecurityToken | undefined;
}

/**
 * Reads the settings of an `oauth2` or `oidc` policy.
 *
 * @throws {DurableFailure} `configuration` naming what is missing for the grant
 * @see DSL reference 1.0.3, "OAUTH2 Authentication"
 */
export function readTokenPolicy(scheme: "oauth2" | "oidc", settings: Json): TokenPolicy {
  const what = `authentication: ${scheme}`;
  const reader = new InputReader(what, settings);
  const authority = reader.text("authority").replace(/\/+$/, "");
  const endpoints = new InputReader(what, reader.map("endpoints"));
  const policy: TokenPolicy = {
    scheme,
    authority,
    tokenEndpoint: resolveEndpoint(authority, endpoints.optionalText("token") ?? "/oauth2/token"),
    grant: reader.oneOf("grant", GRANTS, "client_credentials"),
    client: readClient(what, reader.map("client")),
    encoding: new InputReader(what, reader.map("request")).oneOf(
      "encoding",
      ["application/x-www-form-urlencoded", "application/json"],
      "application/x-www-form-urlencoded",
    ),
    issuers: reader.list("issuers").map(asText),
    scopes: reader.list("scopes").map(asText),
    audiences: reader.list("audiences").map(asText),
    username: reader.optionalText("username"),
    password: reader.optionalText("password"),
    subject: readToken(what, reader.value("subject")),
    actor: readToken(what, reader.value("actor")),
  };
  requireParts(policy);
  return policy;
}

function resolveEndpoint(authority: string, path: string): string {
  return URL.canParse(path) ? path : `${authority}/${path.replace(/^\/+/, "")}`;
}

function readClient(what: string, client: JsonObject): TokenPolicy["client"] {
  const reader = new InputReader(`${what}: client`, client);
  return {
    id: reader.optionalText("id"),
    secret: reader.optionalText("secret"),
    assertion: reader.optionalText("assertion"),
    authentication: reader.oneOf(
      "authentication",
      ["client_secret_post", "client_secret_basic", "client_secret_jwt", "private_key_jwt", "none"],
      "client_secret_post",
    ),
  };
}

function readToken(what: string, value: Json | undefined): SecurityToken | undefined {
  if (value === undefined || value === null) return undefined;
  const reader = new InputReader(what, value);
  const type = reader.optionalText("type") ?? "access_token";
  return { token: reader.text("token"), type: SHORT_TYPES[type] ?? type };
}

/** RFC 8693 section 3 wants URNs; documents often say the last word only. */
const SHORT_TYPES: Readonly<Record<string, string>> = Object.fromEntries(
  ["access_token", "refresh_token", "id_token", "jwt", "saml1", "saml2"].map((name) => [
    name,
    `urn:ietf:params:oauth:token-type:${name}`,
  ]),
);

function requireParts({ scheme, client, grant, ...policy }: TokenPolicy): void {
  const missing = (name: string, why: string) =>
    failure("configuration", {
      detail: `Cannot use the ${scheme} policy: "${name}" is missing, ${why} needs it`,
      retryable: false,
    });
  if (client.authentication !== "none" && client.id === undefined) {
    throw missing("client.id", `client authentication "${client.authentication}"`);
  }
  if (client.authentication === "private_key_jwt" && client.assertion === undefined) {
    throw missing("client.assertion", '"private_key_jwt"');
  }
  if (client.authentication.startsWith("client_secret") && (client.secret ?? client.assertion) === undefined) {
    throw missing("client.secret", `client authentication "${client.authentication}"`);
  }
  if (grant === "password" && (policy.username === undefined || policy.password === undefined)) {
    throw missing(policy.username === undefined ? "username" : "password", `grant "${grant}"`);
  }
  if (grant !== "password" && grant !== "client_credentials" && policy.subject === undefined) {
    throw missing("subject", `grant "${grant}"`);
  }
}
