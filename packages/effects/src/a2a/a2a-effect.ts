import { createHash } from "node:crypto";
import { DurableFailure, type Json } from "@stigmer/durable";
import { failure } from "../fail.ts";
import { type HttpAnswer, type HttpScope, requestHttp } from "../http/request-http.ts";
import { InputReader, isObject, type JsonObject } from "../read-input.ts";
import type { DocumentCache } from "../resources/document-cache.ts";
import { type RemoteAgent, readAgent } from "./agent-card.ts";
import { readAnswers } from "./read-answers.ts";

const METHODS = [
  "message/send",
  "message/stream",
  "tasks/get",
  "tasks/list",
  "tasks/cancel",
  "tasks/resubscribe",
  "tasks/pushNotificationConfig/set",
  "tasks/pushNotificationConfig/get",
  "tasks/pushNotificationConfig/list",
  "tasks/pushNotificationConfig/delete",
  "agent/getAuthenticatedExtendedCard",
] as const;

type Method = (typeof METHODS)[number];

/**
 * Does an `a2a` effect: `{method, agentCard? | server?, parameters?, timeoutMs?, rewrite?}` by JSON-RPC over HTTP. Gives
 * the result; of `message/stream` and `tasks/resubscribe` the list of all results.
 *
 * @throws {DurableFailure} `runtime` when the agent cannot be reached or refuses, `timeout` when its time is up
 * @see A2A protocol 0.3, section 7
 */
export async function callA2a(input: Json, scope: HttpScope, documents: DocumentCache): Promise<Json> {
  const reader = new InputReader("call: a2a", input);
  const method = readMethod(reader);
  const patient = withTime(reader, scope);
  const agent = await readAgent(reader, patient, documents);
  const order = {
    jsonrpc: "2.0",
    id: scope.context.idempotencyKey,
    method,
    params: toParameters(method, reader.map("parameters"), scope),
  };
  const answer = await send(order, agent, reader.list("rewrite"), patient);
  return toResult(method, answer);
}

function readMethod(reader: InputReader): Method {
  const name = reader.text("method");
  const method = METHODS.find((one) => one === name);
  if (method !== undefined) return method;
  throw failure("configuration", {
    detail: `Cannot do "call: a2a": method "${name}" is none of ${METHODS.join(", ")}`,
    retryable: false,
  });
}

/** Agents think before their first byte: only the whole call has a limit. */
function withTime(reader: InputReader, scope: HttpScope): HttpScope {
  const { limits } = scope.options;
  const given = reader.value("timeoutMs");
  const totalMs = typeof given === "number" && given > 0 ? given : limits.totalMs;
  return { ...scope, options: { ...scope.options, limits: { ...limits, totalMs, idleMs: totalMs } } };
}

const STREAMS: ReadonlySet<Method> = new Set(["message/stream", "tasks/resubscribe"]);

function toParameters(method: Method, parameters: JsonObject, scope: HttpScope): JsonObject {
  const { message } = parameters;
  if ((method !== "message/send" && method !== "message/stream") || !isObject(message)) return parameters;
  // Equal over retries and crashes: an agent can tell that it has seen the message.
  const messageId = toUuid(scope.context.idempotencyKey);
  return { ...parameters, message: { kind: "message", messageId, role: "user", ...message } };
}

function toUuid(text: string): string {
  const hash = createHash("sha256").update(text).digest("hex");
  return [
    hash.slice(0, 8),
    hash.slice(8, 12),
    `8${hash.slice(13, 16)}`,
    `8${hash.slice(17, 20)}`,
    hash.slice(20, 32),
  ].join("-");
}

async function send(
  order: JsonObject,
  agent: RemoteAgent,
  rewrite: readonly Json[],
  scope: HttpScope,
): Promise<HttpAnswer> {
  const request = {
    method: "POST",
    uri: agent.uri,
    headers: { "content-type": "application/json", accept: "application/json, text/event-stream" },
    body: order,
    authentication: agent.authentication,
    rewrite,
  };
  try {
    return await requestHttp(request, scope);
  } catch (error) {
    if (!(error instanceof DurableFailure) || !error.failure.type.endsWith("/communication")) throw error;
    throw failure("runtime", { detail: `The agent cannot be reached: ${error.failure.detail}`, cause: error });
  }
}

function toResult(method: Method, { response, hop }: HttpAnswer): Json {
  const where = `The agent at ${hop.url.origin}${hop.url.pathname}`;
  const answers = readAnswers(response);
  for (const { error } of answers) {
    if (!isObject(error)) continue;
    throw failure("runtime", {
      detail: `${where} answered ${method} with error ${error.code}: ${error.message}`,
      data: { code: error.code ?? null, message: error.message ?? null, data: error.data ?? null },
    });
  }
  if (response.statusCode >= 300 || answers.length === 0) {
    throw failure("runtime", {
      detail: `${where} answered ${method} with ${response.statusCode} and no JSON-RPC result`,
      data: { statusCode: response.statusCode },
    });
  }
  const results = answers.map(({ result }) => result ?? null);
  return STREAMS.has(method) ? results : (results.at(-1) ?? null);
}
