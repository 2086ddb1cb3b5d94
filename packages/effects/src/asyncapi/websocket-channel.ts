import { DurableFailure } from "@stigmer/durable";
import { failure, stopped } from "../fail.ts";
import { toContent } from "../http/http-content.ts";
import { authorize } from "../http/request-http.ts";
import { asText } from "../read-input.ts";
import type { Channel, InboundMessage, OpenChannelParams } from "./channel.ts";
import { checkServer } from "./server-address.ts";
import { invalid } from "./target.ts";
import { HandshakeRefused, openWebSocket, type WebSocketConnection } from "./websocket.ts";

/** WebSocket: one message is one text message; there are no headers. */
export async function openWebSocketChannel(params: OpenChannelParams): Promise<Channel> {
  const { target, scope, signal } = params;
  const server = await checkServer(params, { plain: 80, secure: 443 });
  const path = `${target.url.pathname.replace(/\/+$/, "")}/${target.address.replace(/^\/+/, "")}${target.url.search}`;
  const authorization = await authorize(params.authentication, params.rewriteRules, scope);
  const { limits } = scope.options;
  const connection = await openWebSocket({
    server,
    path,
    headers: { host: target.url.host, ...authorization.headers },
    maxMessageBytes: limits.maxContentBytes,
    connectMs: limits.connectMs,
    signal,
  }).catch((cause: unknown) => {
    if (cause instanceof HandshakeRefused && cause.status === 401) authorization.forget();
    throw toFailure(cause, params);
  });
  return {
    async send({ payload, headers: given }) {
      const [name] = Object.keys(given);
      if (name !== undefined) throw invalid(`a message over ws has no headers ("${name}")`);
      await connection.sendText(asText(payload)).catch((cause: unknown) => {
        throw toFailure(cause, params);
      });
    },
    receive: () => receive(connection, params),
    close: () => connection.close(),
  };
}

async function* receive(connection: WebSocketConnection, params: OpenChannelParams): AsyncIterable<InboundMessage> {
  try {
    for await (const message of connection.messages) yield { payload: toContent(message, undefined), headers: {} };
  } catch (error) {
    throw error instanceof DurableFailure ? error : toFailure(error, params);
  }
}

function toFailure(cause: unknown, { target, signal, scope }: OpenChannelParams): DurableFailure {
  if (signal.aborted && scope.context.signal.aborted) return stopped("call: asyncapi");
  const message = cause instanceof Error ? cause.message : String(cause);
  const detail = `The connection to ${target.url.host} failed: ${message}`;
  if (!(cause instanceof HandshakeRefused)) return failure("communication", { detail, cause });
  const type = cause.status === 401 ? "authentication" : cause.status === 403 ? "authorization" : "communication";
  return failure(type, { status: cause.status, detail, cause });
}
