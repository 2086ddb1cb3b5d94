import type { Json } from "@stigmer/durable";
import type { HttpResponse } from "../http/http-exchange.ts";
import type { JsonObject } from "../read-input.ts";
import type { SensitiveValues } from "../sensitive-values.ts";
import type { TokenCache } from "./token-cache.ts";

/** What signing in needs. */
export interface SignInDoors {
  readonly tokens: TokenCache;
  readonly sensitive: SensitiveValues;
  /** Rules by which `send` rewrites origins: tokens of a rewritten authority are kept apart. */
  readonly rewrite: Json;
  /** Sends the request of an `http` effect, whatever the status of its response. */
  send(request: JsonObject): Promise<HttpResponse>;
}
