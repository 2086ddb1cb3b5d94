import {
  type Authentication,
  type AuthenticationPolicy,
  evaluateExpression,
  type Json,
  type JsonObject,
} from "@stigmer/dsl";
import { inDefinition } from "./data-flow.ts";
import { type Evaluation, effectArguments } from "./evaluation.ts";
import { standardFault } from "./fault.ts";
import type { TaskFrame } from "./frame.ts";
import { isObject, property } from "./json.ts";
import type { Run } from "./run.ts";
import { notSupported } from "./unsupported.ts";

/** What is known of a way to sign in. */
interface Scheme {
  /** Its name in `$authorization`. */
  readonly scheme: string;
  /** Members that are read from a secret; without them the secret is the settings as a whole. */
  readonly members?: readonly string[];
}

const SCHEMES: Readonly<Record<string, Scheme>> = {
  basic: { members: ["username", "password"], scheme: "Basic" },
  bearer: { members: ["token"], scheme: "Bearer" },
  digest: { members: ["username", "password"], scheme: "Digest" },
  oauth2: { scheme: "Bearer" },
  oidc: { scheme: "Bearer" },
};

/**
 * The sign-in policy of a call as its effect takes it; secrets stay unevaluated. Sets `$authorization` for the task's
 * later expressions; its parameter is left out where it would be a secret, or is only known to the effect.
 *
 * @throws {Fault} configuration error when the policy is not declared or of an unknown kind
 */
export function signIn(frame: TaskFrame, authentication: Authentication): JsonObject {
  const { policy, authorization } = signInBy(inDefinition(frame), authentication);
  frame.authorization.value = authorization;
  return policy;
}

/** A policy as effects take it, and what `$authorization` would be. */
export interface SignIn {
  readonly policy: JsonObject;
  readonly authorization: JsonObject;
}

/** `signIn` for what is only read: no `$authorization` is set. Errors as `signIn`. */
export function signInBy(evaluation: Evaluation, authentication: Authentication): SignIn {
  const policy = policyOf(evaluation.run, authentication);
  const name = Object.keys(policy)[0] ?? "";
  const scheme = SCHEMES[name];
  if (scheme === undefined) throw notSupported(`authentication by ${name}`);
  const settings = effectArguments(evaluation, settingsOf(property(policy, name) ?? null, scheme.members));
  return { policy: { [name]: settings }, authorization: { scheme: scheme.scheme, ...parameterOf(name, settings) } };
}

function policyOf(run: Run, authentication: Authentication): AuthenticationPolicy {
  if (!("use" in authentication)) return authentication;
  const named = run.definition.use?.authentications?.[authentication.use];
  if (named !== undefined) return named;
  const detail = `Cannot find authentication "${authentication.use}" in use.authentications`;
  throw standardFault({ error: "configuration", detail });
}

/** Settings, with `use: secret` written out as expressions over that secret. */
function settingsOf(settings: Json, members: readonly string[] | undefined): Json {
  const secret = property(settings, "use");
  if (typeof secret !== "string") return settings;
  const value = `$secrets[${JSON.stringify(secret)}]`;
  if (members === undefined) return `\${ ${value} }`;
  const read = (member: string) => `\${ ${value} | if type == "object" then .${member} else . end }`;
  return Object.fromEntries(members.map((member) => [member, read(member)]));
}

function parameterOf(name: string, settings: Json): JsonObject {
  const token = property(settings, "token");
  if (name === "bearer" && typeof token === "string") return { parameter: token };
  const isPlain = isObject(settings) && Object.values(settings).every((value) => typeof value === "string");
  if (name !== "basic" || !isPlain) return {};
  return { parameter: evaluateExpression('"\\(.username):\\(.password)" | @base64', settings, {}) };
}
