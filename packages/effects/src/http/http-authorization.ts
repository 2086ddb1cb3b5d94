import type { Json } from "@stigmer/durable";
import { failure } from "../fail.ts";
import { InputReader, type JsonObject } from "../read-input.ts";

/**
 * The `authorization` header of a policy; undefined for the empty policy.
 *
 * @throws {DurableFailure} `configuration` for a policy that is incomplete or of a scheme other than basic and bearer
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
    default:
      throw invalid(`scheme "${scheme}" is not supported yet; use basic or bearer`);
  }
}

function invalid(why: string) {
  return failure("configuration", { detail: `Cannot use the authentication policy: ${why}`, retryable: false });
}
