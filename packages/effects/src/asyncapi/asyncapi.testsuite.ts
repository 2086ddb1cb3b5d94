import { createHash } from "node:crypto";
import http from "node:http";
import net, { type AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { generate, type Packet, parser } from "mqtt-packet";

const listen = async (server: net.Server) => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
};

/** A frame of a server: not masked. */
export function serverFrame(opcode: number, payload: string | Buffer, isFinal = true): Buffer {
  const bytes = Buffer.from(payload);
  const first = (isFinal ? 0x80 : 0) | opcode;
  if (bytes.length < 126) return Buffer.concat([Buffer.from([first, bytes.length]), bytes]);
  const head = Buffer.alloc(4);
  head[0] = first;
  head[1] = 126;
  head.writeUInt16BE(bytes.length, 2);
  return Buffer.concat([head, bytes]);
}

/** A WebSocket server by hand; `greet` sends what it likes, `seen` keeps the messages of clients. */
export async function startWebSocketServer(greet: (socket: Duplex) => void = () => undefined) {
  const seen: string[] = [];
  const requests: http.IncomingMessage[] = [];
  const sockets = new Set<Duplex>();
  const server = http.createServer((_request, response) => response.writeHead(404).end());
  server.on("upgrade", (request: http.IncomingMessage, socket: Duplex) => {
    requests.push(request);
    sockets.add(socket);
    socket.on("error", () => undefined);
    if (request.headers.authorization === "Bearer no") return void socket.end("HTTP/1.1 401 Unauthorized\r\n\r\n");
    const key = `${request.headers["sec-websocket-key"]}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`;
    const accept = createHash("sha1").update(key).digest("base64");
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: Upgrade\r\nsec-websocket-accept: ${accept}\r\n\r\n`,
    );
    socket.on("data", (chunk: Buffer) => {
      for (const { opcode, payload } of readMasked(chunk)) {
        if (opcode === 8) socket.end(serverFrame(8, payload));
        else seen.push(`${opcode}:${payload}`);
      }
    });
    greet(socket);
    return undefined;
  });
  const port = await listen(server);
  const close = () =>
    new Promise<void>((resolve) => {
      for (const socket of sockets) socket.destroy();
      server.close(() => resolve());
    });
  return { port, seen, requests, close };
}

function readMasked(chunk: Buffer) {
  const frames: { opcode: number; payload: string }[] = [];
  for (let at = 0; at < chunk.length; ) {
    const opcode = (chunk[at] ?? 0) & 0x0f;
    const short = (chunk[at + 1] ?? 0) & 0x7f;
    const start = at + (short === 126 ? 4 : 2);
    const length = short === 126 ? chunk.readUInt16BE(at + 2) : short;
    const mask = chunk.subarray(start, start + 4);
    const payload = chunk.subarray(start + 4, start + 4 + length).map((byte, index) => byte ^ (mask[index % 4] ?? 0));
    frames.push({ opcode, payload: Buffer.from(payload).toString() });
    at = start + 4 + length;
  }
  return frames;
}

/** A broker that keeps what it is told and sends `deliver` to each subscriber; user `no` may not come in. */
export async function startBroker(deliver: (topic: string) => readonly Packet[] = () => []) {
  const seen: Packet[] = [];
  const sockets = new Set<net.Socket>();
  const server = net.createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
    const packets = parser();
    let protocolVersion = 4;
    const say = (packet: Packet) => socket.write(generate(packet, { protocolVersion }));
    packets.on("packet", (packet: Packet) => {
      seen.push(packet);
      if (packet.cmd === "connect") {
        protocolVersion = packet.protocolVersion ?? 4;
        const code = packet.username === "no" ? (protocolVersion === 5 ? 0x86 : 5) : 0;
        say({ cmd: "connack", sessionPresent: false, returnCode: code, reasonCode: code });
      }
      if (packet.cmd === "publish" && packet.qos === 1) say({ cmd: "puback", messageId: packet.messageId ?? 0 });
      if (packet.cmd !== "subscribe") return;
      const topic = packet.subscriptions[0]?.topic ?? "";
      say({ cmd: "suback", messageId: packet.messageId ?? 0, granted: [topic === "forbidden" ? 128 : 1] });
      for (const one of deliver(topic)) say(one);
    });
    socket.on("data", (chunk: Buffer) => packets.parse(chunk));
  });
  const port = await listen(server);
  const close = () =>
    new Promise<void>((resolve) => {
      for (const socket of sockets) socket.destroy();
      server.close(() => resolve());
    });
  return { port, seen, close };
}
