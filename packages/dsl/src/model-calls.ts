import type { Json, JsonObject } from "./json.ts";
import type { Authentication, Endpoint, ExternalResource } from "./model-connections.ts";
import type { Duration } from "./model-data.ts";

/** What a call to an HTTP service gives: the body in base64, the parsed body, or the whole answer. */
export type HttpOutput = "raw" | "content" | "response";

/** Arguments of `call: http`; `output` defaults to `content`, `redirect` to false (3xx is an error). */
export type HttpArguments = {
  readonly method: string;
  readonly endpoint: Endpoint;
  readonly headers?: JsonObject | string;
  readonly query?: JsonObject | string;
  readonly body?: Json;
  readonly output?: HttpOutput;
  readonly redirect?: boolean;
};

/** Arguments of `call: openapi`. */
export type OpenApiArguments = {
  readonly document: ExternalResource;
  readonly operationId: string;
  readonly parameters?: JsonObject;
  readonly authentication?: Authentication;
  readonly output?: HttpOutput;
  readonly redirect?: boolean;
};

/** Arguments of `call: grpc`. */
export type GrpcArguments = {
  readonly proto: ExternalResource;
  readonly service: {
    readonly name: string;
    readonly host: string;
    readonly port?: number;
    readonly authentication?: Authentication;
  };
  readonly method: string;
  readonly arguments?: JsonObject;
};

/** Arguments of `call: a2a`; `agentCard` or `server` tells the agent. */
export type A2aArguments = {
  readonly agentCard?: ExternalResource;
  readonly server?: Endpoint;
  readonly method: string;
  readonly parameters?: JsonObject | string;
};

/** Arguments of `call: mcp`. */
export type McpArguments = {
  readonly protocolVersion?: string;
  readonly method: string;
  readonly parameters?: JsonObject | string;
  readonly timeout?: Duration;
  readonly transport: McpTransport;
  readonly client?: { readonly name: string; readonly version: string; readonly description?: string };
};

/** Exactly one of `http` and `stdio`. */
export type McpTransport = {
  readonly http?: { readonly endpoint: Endpoint; readonly headers?: JsonObject };
  readonly stdio?: {
    readonly command: string;
    readonly arguments?: readonly string[];
    readonly environment?: JsonObject;
  };
  readonly options?: JsonObject;
};

/**
 * Arguments of `call: agent`.
 *
 * `agent` without a namespace is looked up in the workflow's own; `session` continues a conversation;
 * `output` is the JSON Schema the answer must match.
 */
export type AgentArguments = {
  readonly agent: string | { readonly namespace?: string; readonly name: string };
  readonly message: Json;
  readonly data?: Json;
  readonly session?: string;
  /** Absolute folder in which the agent's tools work; its own empty folder by default. */
  readonly workspace?: Json;
  readonly output?: Json;
};

/**
 * Arguments of `call: human`.
 *
 * `outcomes` defaults to approve and reject; `form` is the JSON Schema of the data that comes with a decision; without
 * `approvers` anybody may decide. After `escalation.after` its approvers may decide too. After `timeout.after` the
 * timeout's outcome is taken, or without one the task faults with 408.
 */
export type HumanArguments = {
  readonly title: string;
  readonly description?: string;
  readonly outcomes?: readonly string[];
  readonly form?: Json;
  readonly data?: Json;
  readonly approvers?: readonly string[] | string;
  readonly timeout?: { readonly after: Duration; readonly outcome?: string };
  readonly escalation?: { readonly after: Duration; readonly approvers: readonly string[] | string };
};
