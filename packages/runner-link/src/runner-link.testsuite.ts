import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type ServerHttp2Session } from "node:http2";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Code, ConnectError, type ConnectRouter } from "@connectrpc/connect";
import { connectNodeAdapter } from "@connectrpc/connect-node";
import { BlobService, RunnerService } from "@stigmer/api";
import { FakeServer } from "./fake-server.testsuite.ts";
import { FrameQueue } from "./frame-queue.ts";
import type { ServerFrame } from "./frames.ts";
import { nodeSurroundings } from "./surroundings.ts";

/** The only token that the fake server takes. */
export const FAKE_TOKEN = "runner-token";

/** The fake server behind real Connect streams on a Unix socket. */
export async function listenFakeServer() {
  const folder = mkdtempSync(join(tmpdir(), "stigmer-link-"));
  const socket = join(folder, "s.sock");
  const fake = new FakeServer(nodeSurroundings);
  const blobs = new Map<string, Uint8Array>();
  const routes = (router: ConnectRouter) => {
    router.service(RunnerService, {
      async *work(requests, context) {
        if (context.requestHeader.get("authorization") !== `Bearer ${FAKE_TOKEN}`) {
          throw new ConnectError("no runner's token", Code.Unauthenticated);
        }
        const out = new FrameQueue<ServerFrame>();
        const channel = fake.openChannel({ onFrame: (frame) => out.push(frame), onClose: () => out.end() });
        const read = async () => {
          for await (const frame of requests) channel.send(frame);
        };
        void read().then(
          () => out.end(),
          () => out.end(),
        );
        yield* out;
      },
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
  const sessions = new Set<ServerHttp2Session>();
  const server = createServer(connectNodeAdapter({ routes }));
  server.on("session", (session) => sessions.add(session));
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  return {
    fake,
    folder,
    socket,
    cut: () => {
      for (const session of sessions) session.destroy();
      sessions.clear();
    },
    close: () => {
      for (const session of sessions) session.destroy();
      server.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
