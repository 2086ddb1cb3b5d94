import { DurableFailure } from "@stigmer/durable";
import { failure, stopped } from "../fail.ts";
import { toContent } from "../http/http-content.ts";
import { asText, InputReader, type JsonObject } from "../read-input.ts";
import type { Channel, InboundMessage, OpenChannelParams, OutboundMessage } from "./channel.ts";
import { BrokerRefused, type MqttConnection, openMqtt } from "./mqtt-connection.ts";
import { checkServer } from "./server-address.ts";
import { invalid } from "./target.ts";

/** MQTT 3.1.1, or 5 where the document says `mqtt5`; headers are the user properties of MQTT 5. */
export async function openMqttChannel(params: OpenChannelParams): Promise<Channel> {
  const { target, scope, signal } = params;
  const { limits } = scope.options;
  const qos = readQos(target.bindings);
  const server = await checkServer(params, { plain: 1883, secure: 8883 });
  const connection = await openMqtt({
    server,
    version: target.protocol === "mqtt5" ? 5 : 4,
    ...readCredentials(params.authentication),
    maxPacketBytes: limits.maxContentBytes,
    connectMs: limits.connectMs,
    signal,
  }).catch((cause: unknown) => {
    throw toFailure(cause, params);
  });
  return {
    send: (message) =>
      send(message, connection, qos, params).catch((cause: unknown) => Promise.reject(toFailure(cause, params))),
    receive: () => receive(connection, qos, params),
    close: () => connection.close(),
  };
}

function readQos(bindings: JsonObject): 0 | 1 {
  const qos = bindings.qos ?? 0;
  if (qos === 0 || qos === 1) return qos;
  throw invalid(`the mqtt binding wants qos ${JSON.stringify(qos)}; 0 and 1 are spoken here`);
}

function readCredentials(policy: JsonObject): { username: string | undefined; password: string | undefined } {
  const [scheme, ...others] = Object.keys(policy);
  if (scheme === undefined) return { username: undefined, password: undefined };
  if (scheme !== "basic" || others.length > 0) throw invalid(`a broker is signed in to by basic, not by ${scheme}`);
  const reader = new InputReader("authentication: basic", policy.basic ?? null);
  return { username: reader.text("username"), password: reader.text("password") };
}

async function send(
  { payload, headers }: OutboundMessage,
  connection: MqttConnection,
  qos: 0 | 1,
  { target }: OpenChannelParams,
): Promise<void> {
  const names = Object.keys(headers);
  const isModern = target.protocol === "mqtt5";
  if (names.length > 0 && !isModern) throw invalid(`a message of MQTT 3.1.1 has no headers ("${names[0]}"); use mqtt5`);
  const userProperties = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, asText(value)]));
  await connection.publish({
    topic: target.address,
    payload: Buffer.from(asText(payload)),
    qos,
    retain: target.bindings.retain === true,
    ...(isModern && names.length > 0 ? { properties: { userProperties } } : {}),
  });
}

async function* receive(
  connection: MqttConnection,
  qos: 0 | 1,
  params: OpenChannelParams,
): AsyncIterable<InboundMessage> {
  try {
    await connection.subscribe(params.target.address, qos);
    for await (const { payload, properties, topic } of connection.messages) {
      const bytes = typeof payload === "string" ? Buffer.from(payload) : payload;
      const given = Object.entries(properties?.userProperties ?? {});
      const headers = Object.fromEntries(
        given.map(([name, value]) => [name, typeof value === "string" ? value : [...value]]),
      );
      yield { payload: toContent(bytes, undefined), headers: { ...headers, topic } };
    }
  } catch (error) {
    throw toFailure(error, params);
  }
}

function toFailure(cause: unknown, { target, scope }: OpenChannelParams): DurableFailure {
  if (cause instanceof DurableFailure) return cause;
  if (scope.context.signal.aborted) return stopped("call: asyncapi");
  const message = cause instanceof Error ? cause.message : String(cause);
  const isSignIn = cause instanceof BrokerRefused && cause.isSignIn;
  return failure(isSignIn ? "authentication" : "communication", {
    detail: `The broker ${target.url.host} failed: ${message}`,
    cause,
  });
}
