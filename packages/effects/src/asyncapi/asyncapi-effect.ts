import type { Json } from "@stigmer/durable";
import { failure } from "../fail.ts";
import type { HttpScope } from "../http/request-http.ts";
import { readRewrite } from "../http/rewrite.ts";
import { InputReader } from "../read-input.ts";
import type { DocumentCache } from "../resources/document-cache.ts";
import { readExternalResource } from "../resources/external-resource.ts";
import { fetchDocument } from "../resources/fetch-resource.ts";
import { readAsyncApi2 } from "./asyncapi-2.ts";
import { readAsyncApi3 } from "./asyncapi-3.ts";
import type { Channel, OpenChannel } from "./channel.ts";
import { consume, readSubscription } from "./consume.ts";
import { openHttpChannel } from "./http-channel.ts";
import { openMqttChannel } from "./mqtt-channel.ts";
import { invalid, type Target } from "./target.ts";
import { openWebSocketChannel } from "./websocket-channel.ts";

/**
 * Does an `asyncapi` effect: `{document, channel? | operation?, server?: {name, variables?}, protocol?, message?: {payload?,
 * headers?} | subscription?, authentication?, rewrite?}`. Publishing gives null; a subscription gives the list of its
 * messages `{payload, headers, correlationId?}` in order.
 *
 * @throws {DurableFailure} `configuration` for what does not fit the document, `communication` when the connection
 *   fails, `authentication` when it is refused
 */
export async function callAsyncApi(input: Json, scope: HttpScope, documents: DocumentCache): Promise<Json> {
  const reader = new InputReader("call: asyncapi", input);
  const rewrite = reader.list("rewrite");
  const resource = readExternalResource("call: asyncapi: document", reader.value("document"));
  const document = await fetchDocument("AsyncAPI document", { resource, rewrite, scope }, documents);
  const isPublication = reader.value("message") !== undefined;
  if (isPublication === (reader.value("subscription") !== undefined)) {
    throw invalid('it needs either "message" or "subscription"');
  }
  const version = String(document.asyncapi ?? "");
  const target = version.startsWith("2.") ? readAsyncApi2(document, reader) : readAsyncApi3(document, reader);
  const authentication = reader.map("authentication");
  const open = (signal: AbortSignal): Promise<Channel> =>
    opener(target)({ target, authentication, rewriteRules: rewrite, rewrite: readRewrite(rewrite), scope, signal });
  if (!isPublication) return consume(readSubscription(reader.map("subscription")), target, open, scope);
  const message = new InputReader("call: asyncapi: message", reader.map("message"));
  await publish({ payload: message.value("payload") ?? null, headers: message.map("headers") }, open, scope);
  return null;
}

async function publish(
  message: Parameters<Channel["send"]>[0],
  open: (signal: AbortSignal) => Promise<Channel>,
  scope: HttpScope,
): Promise<void> {
  const { totalMs } = scope.options.limits;
  const limit = AbortSignal.timeout(totalMs);
  try {
    const channel = await open(AbortSignal.any([scope.context.signal, limit]));
    try {
      await channel.send(message);
    } finally {
      await channel.close();
    }
  } catch (error) {
    if (!limit.aborted || scope.context.signal.aborted) throw error;
    throw failure("timeout", { detail: `The message was not published after ${totalMs / 1000} s`, cause: error });
  }
}

function opener(target: Target): OpenChannel {
  switch (target.protocol) {
    case "http":
      return openHttpChannel;
    case "ws":
      return openWebSocketChannel;
    case "mqtt":
    case "mqtt5":
      return openMqttChannel;
  }
}
