/** Where something is: a URI, a URI template, an expression, or one of them with authentication. */
export type Endpoint = string | EndpointSettings;

/** An address with the way to sign in there. */
export type EndpointSettings = { readonly uri: string; readonly authentication?: Authentication };

/** A document or script kept elsewhere. */
export type ExternalResource = { readonly name?: string; readonly endpoint: Endpoint };

/** A policy by its name in `use.authentications`, or inline. */
export type Authentication = { readonly use: string } | AuthenticationPolicy;

/** Exactly one scheme. */
export type AuthenticationPolicy =
  | { readonly basic: UserPassword | SecretReference }
  | { readonly bearer: { readonly token: string } | SecretReference }
  | { readonly digest: UserPassword | SecretReference }
  | { readonly oauth2: Oauth2Settings | SecretReference }
  | { readonly oidc: Oauth2Settings | SecretReference };

/** A scheme whose members are those of the named secret. */
export type SecretReference = { readonly use: string };

/** Credentials; both may be expressions. */
export type UserPassword = { readonly username: string; readonly password: string };

/** OAuth 2.0 and OpenID Connect settings; `endpoints` is for `oauth2` only. */
export type Oauth2Settings = {
  readonly authority?: string;
  readonly grant?: Oauth2Grant;
  readonly client?: Oauth2Client;
  readonly request?: { readonly encoding?: "application/x-www-form-urlencoded" | "application/json" };
  readonly issuers?: readonly string[];
  readonly scopes?: readonly string[];
  readonly audiences?: readonly string[];
  readonly username?: string;
  readonly password?: string;
  readonly subject?: Oauth2Token;
  readonly actor?: Oauth2Token;
  readonly endpoints?: { readonly token?: string; readonly revocation?: string; readonly introspection?: string };
};

/** How a token is asked for. */
export type Oauth2Grant =
  | "authorization_code"
  | "client_credentials"
  | "password"
  | "refresh_token"
  | "urn:ietf:params:oauth:grant-type:token-exchange";

/** Who asks for the token; `authentication` defaults to `client_secret_post`. */
export type Oauth2Client = {
  readonly id?: string;
  readonly secret?: string;
  readonly assertion?: string;
  readonly authentication?:
    | "client_secret_basic"
    | "client_secret_post"
    | "client_secret_jwt"
    | "private_key_jwt"
    | "none";
};

/** A security token and its type. */
export type Oauth2Token = { readonly token: string; readonly type: string };
