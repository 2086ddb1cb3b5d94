import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type ServerHttp2Session } from "node:http2";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Code, ConnectError, type ConnectRouter } from "@connectrpc/connect";
import { connectNodeAdapter } from "@connectrpc/connect-node";
import { BlobService, RunnerService } from "@stigmer/api";
import type { DurableProgram } from "@stigmer/durable";
import { TestEffects } from "@stigmer/durable/testsuite";
import { expect, test } from "vitest";
import { FakeServer } from "./fake-server.testsuite.ts";
import { FrameQueue } from "./frame-queue.ts";
import type { ServerFrame } from "./frames.ts";
import { createRunner, createServerLink, nodeSurroundings } from "./index.ts";

const TOKEN = "runner-token";

/** The fake server behind real Connect streams on a Unix socket. */
async function listen() {
  const folder = mkdtempSync(join(tmpdir(), "stigmer-link-"));
  const socket = join(folder, "s.sock");
  const fake = new FakeServer(nodeSurroundings);
  const blobs = new Map<string, Uint8Array>();
  const routes = (router: ConnectRouter) => {
    router.service(RunnerService, {
      async *work(requests, context) {
        if (context.requestHeader.get("authorization") !== `Bearer ${TOKEN}`) {
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
        values: Object.fromEntries(names.map((name) => [name, JSON.stringify({ name })])),
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

function connect(socket: string, token: string, program: DurableProgram, effects = new TestEffects()) {
  const link = createServerLink({ address: { socket }, token: () => token });
  const warnings: string[] = [];
  const runner = createRunner({
    component: "workflow-runner",
    instance: "one",
    version: "0.0.0",
    capacity: 10,
    openChannel: link.openChannel,
    programs: { p: { program, minVersion: 1, maxVersion: 1 } },
    runEffect: async (call, { resolveSecrets, ...context }) => {
      if (call.kind === "secret") return (await resolveSecrets([String(call.input)]))[String(call.input)] ?? null;
      return effects.run(call, { ...context, signal: { aborted: false, onAbort: () => () => {} } });
    },
    resolveSecrets: link.resolveSecrets,
    log: { info: () => {}, warn: (_message, fields) => warnings.push(String(fields?.error)) },
  });
  runner.start();
  return { link, runner, effects, warnings };
}

test("an execution runs over a real stream, a cut connection in the middle included", async () => {
  const server = await listen();
  const effects = new TestEffects();
  const { runner, link } = connect(
    server.socket,
    TOKEN,
    async (durable) => {
      const one = await durable.effect({ key: "one", kind: "gate", input: null, crash: "repeat" });
      return [one, await durable.effect({ key: "two", kind: "secret", input: "name", crash: "unknown" })];
    },
    effects,
  );
  await runner.ready;
  const run = server.fake.start({ program: "p", input: null });
  await effects.begun("one");
  server.cut();
  effects.open("one", 1);
  expect(await run.ended).toEqual({ kind: "completed", output: [1, { name: "name" }] });
  const digest = await link.putBlob(new Uint8Array([1, 2, 3]));
  expect(await link.getBlob(digest)).toEqual(new Uint8Array([1, 2, 3]));
  await runner.stop();
  server.close();
});

test("a refused token is named, and the runner goes on trying", async () => {
  const server = await listen();
  const { runner, warnings } = connect(server.socket, "wrong", async () => null);
  const deadline = performance.now() + 5000;
  while (warnings.length < 2 && performance.now() < deadline) await new Promise((resolve) => setImmediate(resolve));
  expect(warnings[0]).toContain("no runner's token");
  await runner.stop(0);
  server.close();
});
