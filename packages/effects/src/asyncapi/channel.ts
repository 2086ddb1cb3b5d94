import type { Json } from "@stigmer/durable";
import type { HttpScope } from "../http/request-http.ts";
import type { JsonObject } from "../read-input.ts";
import type { Target } from "./target.ts";

/** A message to publish. */
export interface OutboundMessage {
  readonly payload: Json;
  readonly headers: JsonObject;
}

/** A message that came. */
export interface InboundMessage {
  readonly payload: Json;
  readonly headers: JsonObject;
}

/** An open connection to a channel. */
export interface Channel {
  /** Resolves when the other side has it, as far as the protocol tells. */
  send(message: OutboundMessage): Promise<void>;
  /** Messages as they come, until the other side ends or the channel's signal is aborted. */
  receive(): AsyncIterable<InboundMessage>;
  close(): Promise<void>;
}

/** What opening a channel needs. */
export interface OpenChannelParams {
  readonly target: Target;
  readonly authentication: JsonObject;
  readonly rewriteRules: readonly Json[];
  readonly rewrite: ReadonlyMap<string, string>;
  readonly scope: HttpScope;
  /** Ends the connection. */
  readonly signal: AbortSignal;
}

/** Opens a channel by one protocol. */
export type OpenChannel = (params: OpenChannelParams) => Promise<Channel>;
