import type { IncomingHttpHeaders } from "node:http";
import { StigmerError } from "@stigmer/api";
import type { Door } from "./request-guard.ts";
import type { TokenBook } from "./token-book.ts";

/** Who calls. A runner is named by the component that its token was made for. */
export type Caller = { readonly kind: "client" } | { readonly kind: "runner"; readonly component: string };

/** Services that only runners call. */
const RUNNER_SERVICES = ["/stigmer.v1.RunnerService/"];
/** Services that clients and runners call. */
const COMMON_SERVICES = ["/stigmer.v1.BlobService/"];

/**
 * Names the caller of a request, or the error to answer. On the port every call needs a token. On the socket its file
 * mode has let in only this user, so a call without a token is a client's; a wrong token is refused there too.
 */
export function identifyCaller(headers: IncomingHttpHeaders, door: Door, tokens: TokenBook): Caller | StigmerError {
  const { authorization } = headers;
  if (authorization === undefined && door.kind === "socket") return { kind: "client" };
  const token = /^Bearer ([!-~]{1,512})$/i.exec(authorization ?? "")?.[1];
  const caller = token === undefined ? undefined : tokens.find(token);
  if (caller !== undefined) return caller;
  const state = authorization === undefined ? "the call carries no token" : "the token is not known";
  return new StigmerError({ reason: "UNAUTHENTICATED", message: `Cannot serve the call: ${state}` });
}

/** Whether the caller may call the method at this path; the error to answer when not. Decides on the exact path only. */
export function authorize(caller: Caller, path: string): StigmerError | undefined {
  if (COMMON_SERVICES.some((prefix) => path.startsWith(prefix))) return undefined;
  const isForRunners = RUNNER_SERVICES.some((prefix) => path.startsWith(prefix));
  if (isForRunners === (caller.kind === "runner")) return undefined;
  return isForRunners
    ? new StigmerError({ reason: "RUNNER_TOKEN_REQUIRED", message: `Cannot call "${path}": it needs a runner's token` })
    : new StigmerError({ reason: "CLIENT_TOKEN_REQUIRED", message: `Cannot call "${path}": runners may not` });
}
