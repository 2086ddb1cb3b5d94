import { type Endpoint, type ExternalResource, expandUriTemplate, isExpression, type Json } from "@stigmer/dsl";
import { signIn } from "./authentication.ts";
import { effectArguments } from "./data-flow.ts";
import type { TaskFrame } from "./frame.ts";
import { present } from "./json.ts";

/** An address for an effect: an expression, or a URI template over the members of the input. */
export function addressOf(frame: TaskFrame, uri: string): Json {
  return isExpression(uri) ? effectArguments(frame, uri) : expandUriTemplate(uri, frame.input);
}

/** An endpoint for an effect: its address, and the sign-in policy where it has one. */
export function endpointOf(frame: TaskFrame, endpoint: Endpoint): Json {
  if (typeof endpoint === "string") return addressOf(frame, endpoint);
  const { uri, authentication } = endpoint;
  return present({
    uri: addressOf(frame, uri),
    authentication: authentication === undefined ? undefined : signIn(frame, authentication),
  });
}

/** An external resource for an effect. */
export function resourceOf(frame: TaskFrame, { name, endpoint }: ExternalResource): Json {
  return present({ name, endpoint: endpointOf(frame, endpoint) });
}
