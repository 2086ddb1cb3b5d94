import { randomBytes } from "node:crypto";
import net from "node:net";
import tls from "node:tls";
import { generate, type IPublishPacket, type Packet, parser } from "mqtt-packet";
import { pinnedLookup } from "../http/address-guard.ts";
import { createMessageQueue } from "./message-queue.ts";
import type { ServerAddress } from "./server-address.ts";

/** Where and how to connect to a broker. */
export interface OpenMqttParams {
  readonly server: ServerAddress;
  /** 4 is MQTT 3.1.1. */
  readonly version: 4 | 5;
  readonly username: string | undefined;
  readonly password: string | undefined;
  readonly maxPacketBytes: number;
  readonly connectMs: number;
  readonly signal: AbortSignal;
}

/** The broker refused; `isSignIn` tells that user or password are wrong. */
export class BrokerRefused extends Error {
  readonly isSignIn: boolean;

  constructor(what: string, code: number) {
    super(`the broker refused the ${what} with code ${code}`);
    this.isSignIn = SIGN_IN_CODES.has(code);
  }
}

// 3.1.1: 4 and 5; 5.0: 0x86, 0x87 and 0x8c.
const SIGN_IN_CODES: ReadonlySet<number> = new Set([4, 5, 0x86, 0x87, 0x8c]);

/** A message as the broker delivers it or takes it. */
export type MqttMessage = Pick<IPublishPacket, "topic" | "payload" | "properties" | "retain"> & { readonly qos: 0 | 1 };

/** A session with a broker. */
export interface MqttConnection {
  /** With qos 1 it resolves when the broker has the message. */
  publish(message: MqttMessage): Promise<void>;
  subscribe(topic: string, qos: 0 | 1): Promise<void>;
  readonly messages: AsyncIterable<IPublishPacket>;
  close(): Promise<void>;
}

const KEEPALIVE_S = 30;
const GRACE_MS = 2_000;

/**
 * Connects to a broker with a clean session.
 *
 * @throws {BrokerRefused} when the broker does not want us; {Error} when the connection fails
 * @see MQTT 3.1.1 and 5.0
 */
export async function openMqtt(params: OpenMqttParams): Promise<MqttConnection> {
  const socket = await connect(params);
  const session = createSession(socket, params);
  try {
    await session.hello();
  } catch (error) {
    socket.destroy();
    throw error;
  }
  return session;
}

async function connect({ server, connectMs, signal }: OpenMqttParams): Promise<net.Socket> {
  const { hostname } = server.host;
  const options = { host: hostname, port: server.port, lookup: pinnedLookup(server.host) };
  const socket = server.isSecure
    ? tls.connect({ ...options, ...(net.isIP(hostname) === 0 ? { servername: hostname } : {}) })
    : net.connect(options);
  const stop = () => socket.destroy(new Error("it was broken off"));
  const timer = setTimeout(() => socket.destroy(new Error(`no connection for ${connectMs / 1000} s`)), connectMs);
  signal.addEventListener("abort", stop, { once: true });
  try {
    if (signal.aborted) stop();
    await new Promise<void>((resolve, reject) => {
      socket.once(server.isSecure ? "secureConnect" : "connect", resolve);
      socket.once("error", reject);
      socket.once("close", () => reject(new Error("the connection was closed")));
    });
    return socket;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", stop);
  }
}

function createSession(socket: net.Socket, params: OpenMqttParams): MqttConnection & { hello(): Promise<void> } {
  const write = (packet: Packet) => generate(packet, { protocolVersion: params.version });
  const queue = createMessageQueue<IPublishPacket>();
  const answers = createAnswers(params.connectMs);
  const closed = keepAlive(socket, params, (error) => {
    queue.end(params.signal.aborted ? undefined : error);
    answers.fail(error ?? new Error("the broker closed the connection"));
  });
  readPackets(socket, params, (packet) => {
    if (packet.cmd !== "publish") return answers.take(packet);
    if (packet.qos > 0) socket.write(write({ cmd: "puback", messageId: packet.messageId ?? 0 }));
    queue.push(packet);
  });
  let lastId = 0;
  const ask = (packet: Packet, answer: string) => {
    socket.write(write(packet));
    return answers.wait(answer);
  };
  return {
    messages: queue.messages,
    async hello() {
      const answer = await ask(connectPacket(params), "connack");
      const code = answer.cmd === "connack" ? (answer.returnCode ?? answer.reasonCode ?? 0) : 0;
      if (code !== 0) throw new BrokerRefused("connection", code);
    },
    async publish(message) {
      const packet: IPublishPacket = { cmd: "publish", dup: false, ...message };
      if (message.qos === 0) return flush(socket, write(packet));
      const messageId = ++lastId;
      const answer = await ask({ ...packet, messageId }, `puback ${messageId}`);
      const code = answer.cmd === "puback" ? (answer.reasonCode ?? 0) : 0;
      if (code >= 0x80) throw new BrokerRefused("message", code);
    },
    async subscribe(topic, qos) {
      const messageId = ++lastId;
      const answer = await ask({ cmd: "subscribe", messageId, subscriptions: [{ topic, qos }] }, `suback ${messageId}`);
      const [granted] = answer.cmd === "suback" ? answer.granted : [];
      if (typeof granted === "number" && granted >= 0x80) throw new BrokerRefused("subscription", granted);
    },
    async close() {
      if (socket.destroyed) return;
      socket.end(write({ cmd: "disconnect" }));
      const timer = setTimeout(() => socket.destroy(), GRACE_MS);
      await closed;
      clearTimeout(timer);
    },
  };
}

/** Pings the broker until the connection ends; resolves then. */
function keepAlive(socket: net.Socket, { signal }: OpenMqttParams, onEnd: (error?: unknown) => void): Promise<void> {
  const onAbort = () => socket.destroy();
  signal.addEventListener("abort", onAbort, { once: true });
  const pings = setInterval(() => socket.write(generate({ cmd: "pingreq" })), (KEEPALIVE_S / 2) * 1000).unref();
  socket.on("error", onEnd);
  return new Promise((resolve) =>
    socket.once("close", () => {
      clearInterval(pings);
      signal.removeEventListener("abort", onAbort);
      onEnd();
      resolve();
    }),
  );
}

/** Packets of the broker that answer ours, by their name and message id. */
function createAnswers(waitMs: number) {
  const waiting = new Map<string, { resolve(packet: Packet): void; reject(error: unknown): void }>();
  return {
    take(packet: Packet): void {
      const key = packet.cmd === "connack" ? "connack" : `${packet.cmd} ${packet.messageId}`;
      waiting.get(key)?.resolve(packet);
    },
    fail(error: unknown): void {
      for (const { reject } of waiting.values()) reject(error);
    },
    wait(key: string): Promise<Packet> {
      return new Promise<Packet>((resolve, reject) => {
        const timer = setTimeout(() => reject(new Error(`the broker did not answer for ${waitMs / 1000} s`)), waitMs);
        const settle = () => {
          clearTimeout(timer);
          waiting.delete(key);
        };
        waiting.set(key, {
          resolve: (packet) => {
            settle();
            resolve(packet);
          },
          reject: (error) => {
            settle();
            reject(error);
          },
        });
      });
    },
  };
}

function flush(socket: net.Socket, bytes: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.write(bytes, (error) => (error ? reject(error) : resolve()));
  });
}

function connectPacket({ version, username, password }: OpenMqttParams): Packet {
  return {
    cmd: "connect",
    clientId: `stigmer-${randomBytes(7).toString("hex")}`,
    protocolId: "MQTT",
    protocolVersion: version,
    clean: true,
    keepalive: KEEPALIVE_S,
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password: Buffer.from(password) }),
  };
}

function readPackets(
  socket: net.Socket,
  { version, maxPacketBytes }: OpenMqttParams,
  take: (packet: Packet) => void,
): void {
  const packets = parser({ protocolVersion: version });
  packets.on("packet", take);
  packets.on("error", (error: unknown) => socket.destroy(error instanceof Error ? error : new Error(String(error))));
  socket.on("data", (chunk: Buffer) => {
    // The parser keeps a packet that is not complete, and tells how many bytes it keeps.
    if (packets.parse(chunk) > maxPacketBytes)
      socket.destroy(new Error(`a message is larger than ${maxPacketBytes} bytes`));
  });
}
