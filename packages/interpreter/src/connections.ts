import { type Endpoint, type ExternalResource, expandUriTemplate, isExpression, type Json } from "@stigmer/dsl";
import { signIn, signInBy } from "./authentication.ts";
import { inDefinition } from "./data-flow.ts";
import { type Evaluation, effectArguments } from "./evaluation.ts";
import type { TaskFrame } from "./frame.ts";
import { present } from "./json.ts";

/** An address for an effect: an expression, or a URI template over the members of the input. */
export function addressOf(evaluation: Evaluation, uri: string): Json {
  return isExpression(uri) ? effectArguments(evaluation, uri) : expandUriTemplate(uri, evaluation.input);
}

/** The endpoint that a call goes to, for its effect; signing in there sets `$authorization`. */
export function endpointOf(frame: TaskFrame, endpoint: Endpoint): Json {
  const evaluation = inDefinition(frame);
  if (typeof endpoint === "string") return addressOf(evaluation, endpoint);
  const { uri, authentication } = endpoint;
  return present({
    uri: addressOf(evaluation, uri),
    authentication: authentication === undefined ? undefined : signIn(frame, authentication),
  });
}

/** The endpoint of something that is only read, for its effect. */
export function sourceOf(evaluation: Evaluation, endpoint: Endpoint): Json {
  if (typeof endpoint === "string") return addressOf(evaluation, endpoint);
  const { uri, authentication } = endpoint;
  return present({
    uri: addressOf(evaluation, uri),
    authentication: authentication === undefined ? undefined : signInBy(evaluation, authentication).policy,
  });
}

/** An external resource for an effect that reads it itself. */
export function resourceOf(evaluation: Evaluation, { name, endpoint }: ExternalResource): Json {
  return present({ name, endpoint: sourceOf(evaluation, endpoint) });
}
