import { mkdtempSync, rmSync } from "node:fs";
import { createServer as createHttpServer, type IncomingMessage } from "node:http";
import { createServer as createHttp2Server } from "node:http2";
import { createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Duplex } from "node:stream";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import type { ConnectRouter } from "@connectrpc/connect";
import { connectNodeAdapter } from "@connectrpc/connect-node";
import {
  BlobService,
  RunnerService,
  WorkFrameReader,
  WorkRequestSchema,
  WorkResponseSchema,
  writeWorkFrame,
} from "@stigmer/api";
import { FakeServer } from "./fake-server.testsuite.ts";
import { nodeSurroundings } from "./surroundings.ts";

/** The only token that the fake server takes. */
export const FAKE_TOKEN = "runner-token";

/** The fake server behind a real stream and real calls on a Unix socket. */
export async function listenFakeServer() {
  const folder = mkdtempSync(join(tmpdir(), "stigmer-link-"));
  const socket = join(folder, "s.sock");
  const fake = new FakeServer(nodeSurroundings);
  const blobs = new Map<string, Uint8Array>();
  const routes = (router: ConnectRouter) => {
    router.service(RunnerService, {
      resolveSecrets: ({ names }) => ({
        values: Object.fromEntries(names.map((name) => [name, JSON.stringify({ secretOf: name })])),
      }),
    });
    router.service(BlobService, {
      putBlob: ({ content }) => {
        blobs.set(`sha256:${content.length}`, content);
        return { digest: `sha256:${content.length}` };
      },
      getBlob: ({ digest }) => ({ content: blobs.get(digest) ?? new Uint8Array() }),
    });
  };
  const calls = createHttp2Server(connectNodeAdapter({ routes }));
  const frames = createHttpServer();
  frames.on("upgrade", (request, stream) => takeFrames(fake, request, stream));
  const sockets = new Set<Socket>();
  const server = createServer((connection) => {
    sockets.add(connection.once("close", () => sockets.delete(connection)));
    connection.once("readable", () => {
      const head: Buffer = connection.read() ?? Buffer.alloc(0);
      connection.unshift(head);
      (head.toString("latin1", 0, 3) === "PRI" ? calls : frames).emit("connection", connection);
    });
  });
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  const cut = () => {
    for (const connection of sockets) connection.destroy();
  };
  return {
    fake,
    folder,
    socket,
    cut,
    close: () => {
      cut();
      server.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function takeFrames(fake: FakeServer, request: IncomingMessage, stream: Duplex): void {
  stream.on("error", () => stream.destroy());
  if (request.headers.authorization !== `Bearer ${FAKE_TOKEN}`) {
    const body = JSON.stringify({ code: "unauthenticated", message: "no runner's token" });
    stream.end(`HTTP/1.1 401 Refused\r\nconnection: close\r\ncontent-length: ${body.length}\r\n\r\n${body}`);
    return;
  }
  stream.write("HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: stigmer-frames\r\n\r\n");
  const reader = new WorkFrameReader();
  const channel = fake.openChannel({
    onFrame: (frame) => stream.write(writeWorkFrame(toBinary(WorkResponseSchema, create(WorkResponseSchema, frame)))),
    onClose: () => stream.end(),
  });
  stream.on("data", (chunk: Buffer) => {
    for (const message of reader.push(chunk)) channel.send(fromBinary(WorkRequestSchema, message));
  });
  stream.on("end", () => stream.end());
}
