import {
  choice,
  lazy,
  listOf,
  oneOf,
  optional,
  plainText,
  record,
  required,
  type Shape,
  text,
  type VariantShape,
} from "./shape.ts";

const SECRET_REFERENCE = record("secret reference", [required("use", plainText("not-empty"), "Name of the secret.")]);

function secretOr(noun: string, inline: Shape): VariantShape {
  return { kind: "variant", noun, variants: [["use", SECRET_REFERENCE]], otherwise: inline };
}

const USER_PASSWORD = record("credentials", [
  required("username", text(), "Name of the user."),
  required("password", text(), "Password of the user."),
]);

const TOKEN = record("token", [
  required("token", text(), "The security token."),
  required("type", text(), "Type of the security token."),
]);

const OAUTH2_FIELDS = [
  optional("authority", text("uri"), "Address of the authority."),
  optional(
    "grant",
    oneOf(
      "authorization_code",
      "client_credentials",
      "password",
      "refresh_token",
      "urn:ietf:params:oauth:grant-type:token-exchange",
    ),
    "How the token is asked for.",
  ),
  optional(
    "client",
    record("OAuth 2 client", [
      optional("id", text(), "Id of the client."),
      optional("secret", text(), "Secret of the client."),
      optional("assertion", text(), "Signed assertion of the client."),
      optional(
        "authentication",
        oneOf("client_secret_basic", "client_secret_post", "client_secret_jwt", "private_key_jwt", "none"),
        "How the client signs in; client_secret_post by default.",
      ),
    ]),
    "Who asks for the token.",
  ),
  optional(
    "request",
    record("token request", [
      optional(
        "encoding",
        oneOf("application/x-www-form-urlencoded", "application/json"),
        "Encoding of the request; a form by default.",
      ),
    ]),
    "How the request is sent.",
  ),
  optional("issuers", listOf(text()), "Issuers whose tokens are accepted."),
  optional("scopes", listOf(text()), "Scopes to ask for."),
  optional("audiences", listOf(text()), "Audiences to ask for."),
  optional("username", text(), "User, for the grant password."),
  optional("password", text(), "Password, for the grant password."),
  optional("subject", TOKEN, "On whose behalf the request is made."),
  optional("actor", TOKEN, "Who acts."),
] as const;

const ENDPOINTS = record("OAuth 2 endpoints", [
  optional("token", text("uri"), "Path of the token endpoint; /oauth2/token by default."),
  optional("revocation", text("uri"), "Path of the revocation endpoint; /oauth2/revoke by default."),
  optional("introspection", text("uri"), "Path of the introspection endpoint; /oauth2/introspect by default."),
]);

const BEARER = record("bearer token", [required("token", text(), "The token.")]);
const OAUTH2 = record("OAuth 2 policy", [
  ...OAUTH2_FIELDS,
  optional("endpoints", ENDPOINTS, "Paths at the authority."),
]);
const OIDC = record("OpenID Connect policy", OAUTH2_FIELDS);

function scheme(name: string, settings: Shape, doc: string): readonly [string, Shape] {
  return [name, record("authentication policy", [required(name, settings, doc, { isEffect: true })])];
}

const SCHEMES: readonly (readonly [string, Shape])[] = [
  scheme("basic", secretOr("basic authentication", USER_PASSWORD), "Basic authentication."),
  scheme("bearer", secretOr("bearer authentication", BEARER), "A bearer token."),
  scheme("digest", secretOr("digest authentication", USER_PASSWORD), "Digest authentication."),
  scheme("oauth2", secretOr("OAuth 2 authentication", OAUTH2), "OAuth 2."),
  scheme("oidc", secretOr("OpenID Connect authentication", OIDC), "OpenID Connect."),
];

/** An authentication policy, inline. */
export const AUTHENTICATION_POLICY: VariantShape = {
  kind: "variant",
  noun: "authentication policy",
  variants: SCHEMES,
};

/** An authentication policy, inline or by name. */
export const AUTHENTICATION: VariantShape = {
  kind: "variant",
  noun: "authentication policy",
  variants: [
    [
      "use",
      record("authentication reference", [
        required("use", plainText("not-empty"), "Name of a policy in use.authentications."),
      ]),
    ],
    ...SCHEMES,
  ],
};

/** An address: a URI, a template, an expression, or one with authentication. */
export const ENDPOINT = choice({
  text: text("uri"),
  map: record("endpoint", [
    required("uri", text("uri"), "The address."),
    optional(
      "authentication",
      lazy(() => AUTHENTICATION),
      "How to sign in there.",
    ),
  ]),
});

/** A document or script kept elsewhere. */
export const RESOURCE = record("external resource", [
  optional("name", plainText(), "Name of the resource."),
  required("endpoint", ENDPOINT, "Where the resource is."),
]);
