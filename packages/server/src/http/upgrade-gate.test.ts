import { once } from "node:events";
import { type IncomingMessage, request } from "node:http";
import type { Socket } from "node:net";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import {
  WORK_PATH,
  WORK_PROTOCOL,
  WorkFrameReader,
  type WorkRequest,
  WorkRequestSchema,
  type WorkResponse,
  WorkResponseSchema,
  writeWorkFrame,
} from "@stigmer/api";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { RUNNER_TOKEN, startTestServer, type TestServer } from "../server.testsuite.ts";

let running: TestServer;
beforeAll(async () => {
  running = await startTestServer();
});
afterAll(() => running.close());

interface Ask {
  readonly token?: string;
  readonly path?: string;
  readonly protocol?: string;
  readonly port?: number;
}

/** What a request to leave HTTP gets: a status, and the connection when it may. */
async function ask({ token, path = WORK_PATH, protocol = WORK_PROTOCOL, port }: Ask) {
  const call = request({
    ...(port === undefined ? { socketPath: running.server.socket } : { host: "127.0.0.1", port }),
    path,
    headers: {
      connection: "upgrade",
      upgrade: protocol,
      ...(port === undefined ? { host: "localhost" } : {}),
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    },
  });
  call.end();
  return new Promise<{ readonly status: number | undefined; readonly socket?: Socket }>((resolve, reject) => {
    call.once("error", reject);
    call.once("response", (response: IncomingMessage) => {
      response.resume();
      resolve({ status: response.statusCode });
    });
    call.once("upgrade", (response: IncomingMessage, socket: Socket) =>
      resolve({ status: response.statusCode, socket }),
    );
  });
}

function hello(component: string): Uint8Array {
  const frame: WorkRequest = create(WorkRequestSchema, {
    hello: { component, instance: "one", version: "1", capacity: 1, programs: [] },
  });
  return writeWorkFrame(toBinary(WorkRequestSchema, frame));
}

describe("a connection that leaves HTTP", () => {
  test.each([
    ["without a token", {}],
    ["with a token that nobody has", { token: "x".repeat(32) }],
    ["on another path", { token: RUNNER_TOKEN, path: "/stigmer.v1.RunnerService/ResolveSecrets" }],
    ["to another protocol", { token: RUNNER_TOKEN, protocol: "websocket" }],
  ] satisfies readonly (readonly [string, Ask])[])("is refused %s", async (_how, how) => {
    const { status, socket } = await ask(how);
    expect(socket).toBeUndefined();
    expect(status).toBeGreaterThanOrEqual(400);
  });

  test("is refused to a client", async () => {
    expect((await ask({ token: running.token })).status).toBe(403);
  });

  test("is refused on the port, where runners have no business without Connect", async () => {
    const { socket } = await ask({ token: RUNNER_TOKEN, port: running.port });
    expect(socket).toBeUndefined();
  });

  test("greets a runner and forgets it when the connection closes", async () => {
    const { socket } = await ask({ token: RUNNER_TOKEN });
    if (!socket) throw new Error("refused");
    socket.write(hello("workflow-runner"));
    const [chunk]: Buffer[] = await once(socket, "data");
    const [message] = new WorkFrameReader().push(chunk ?? new Uint8Array());
    const greeting: WorkResponse = fromBinary(WorkResponseSchema, message ?? new Uint8Array([255]));
    expect(greeting.leases).toEqual([]);
    expect(running.server.engine.stats().runners.map(({ component }) => component)).toEqual(["workflow-runner"]);
    socket.end();
    await once(socket, "close");
    await expect.poll(() => running.server.engine.stats().runners).toEqual([]);
  });

  test.each([
    ["says it is another component", () => hello("agent-runner")],
    ["sends what is no frame", () => new Uint8Array([255, 255, 255, 255, 0])],
  ])("is closed when the runner %s", async (_what, bytes) => {
    const { socket } = await ask({ token: RUNNER_TOKEN });
    if (!socket) throw new Error("refused");
    socket.on("error", () => {});
    socket.resume().write(bytes());
    await once(socket, "close");
    expect(running.server.engine.stats().runners).toEqual([]);
  });
});
