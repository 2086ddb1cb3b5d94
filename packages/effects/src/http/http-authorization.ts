import type { Json } from "@stigmer/durable";
import { failure } from "../fail.ts";
import { InputReader, type JsonObject } from "../read-input.ts";

/** User and password with which a digest challenge is answered. */
export interface DigestCredentials {
  readonly username: string;
  readonly password: string;
}

/** The credentials of a `digest` policy; undefined for other policies. */
export function digestCredentials(policy: JsonObject): DigestCredentials | undefined {
  if (policy.digest === undefined) return undefined;
  const reader = new InputReader("authentication: digest", policy.digest);
  return { username: reader.text("username"), password: reader.text("password") };
}

/**
 * The `authorization` header with which a request starts; undefined for the empty policy and for `digest`, which waits
 * for a challenge.
 *
 * @throws {DurableFailure} `configuration` for a policy that is incomplete or of an unknown scheme
 */
export function authorizationHeader(policy: JsonObject): string | undefined {
  const [scheme, ...others] = Object.keys(policy);
  if (scheme === undefined) return undefined;
  if (others.length > 0) throw invalid(`it has several schemes: ${Object.keys(policy).join(", ")}`);
  const parameters: Json = policy[scheme] ?? null;
  switch (scheme) {
    case "basic": {
      const reader = new InputReader("authentication: basic", parameters);
      const pair = `${reader.text("username")}:${reader.text("password")}`;
      return `Basic ${Buffer.from(pair, "utf8").toString("base64")}`;
    }
    case "bearer": {
      const token = new InputReader("authentication: bearer", parameters).text("token");
      if (!/^[\x21-\x7e]+$/.test(token)) throw invalid("its token is empty or holds spaces or line breaks");
      return `Bearer ${token}`;
    }
    case "digest":
      return undefined;
    default:
      throw invalid(`scheme "${scheme}" is none; the schemes are basic, bearer, digest, oauth2 and oidc`);
  }
}

function invalid(why: string) {
  return failure("configuration", { detail: `Cannot use the authentication policy: ${why}`, retryable: false });
}
