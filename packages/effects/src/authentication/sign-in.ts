import type { Json } from "@stigmer/durable";
import type { JsonObject } from "../read-input.ts";
import { askForToken } from "./ask-for-token.ts";
import type { SignInDoors } from "./sign-in-doors.ts";
import { tokenKey } from "./token-cache.ts";
import { readTokenPolicy } from "./token-policy.ts";

/** A policy that needs no further requests. */
export interface SignedIn {
  readonly policy: JsonObject;
  /** Drops the token behind the policy: the service refused it. */
  forget(): void;
}

/**
 * Turns `oauth2` and `oidc` policies into the `bearer` policy of the token that their authority gives; other policies
 * stand as they are.
 *
 * @throws {DurableFailure} `authentication` when the authority refuses, `configuration` for an incomplete policy
 */
export async function signIn(policy: JsonObject, doors: SignInDoors): Promise<SignedIn> {
  const [scheme = "", ...others] = Object.keys(policy);
  if ((scheme !== "oauth2" && scheme !== "oidc") || others.length > 0) return { policy, forget: () => undefined };
  const settings: Json = policy[scheme] ?? null;
  const asked = readTokenPolicy(scheme, settings);
  const key = tokenKey([policy, doors.rewrite]);
  const token = await doors.tokens.get(key, (last) => askForToken(asked, last, doors));
  doors.sensitive.add(token);
  return { policy: { bearer: { token } }, forget: () => doors.tokens.forget(key) };
}
