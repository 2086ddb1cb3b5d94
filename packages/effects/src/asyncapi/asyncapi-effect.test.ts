import type { Json } from "@stigmer/durable";
import type { Packet } from "mqtt-packet";
import { afterEach, describe, expect, test } from "vitest";
import { failureOf, startServer, testContext } from "../effects.testsuite.ts";
import { createEffects, type EffectsOptions } from "../effects.ts";
import { serverFrame, startBroker, startWebSocketServer } from "./asyncapi.testsuite.ts";

const cleanups: (() => void | Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

type Members = { readonly [name: string]: Json };

function asyncapi(input: Members, more: { signal?: AbortSignal; options?: EffectsOptions } = {}) {
  const { context, dispose } = testContext({ password: "geheim" }, more.signal);
  const effects = createEffects(more.options);
  cleanups.push(dispose, () => effects.close());
  const handler = effects.handlers.asyncapi;
  if (!handler) throw new Error("no asyncapi effect");
  return handler(input, context);
}

function kept<T extends { close(): Promise<void> }>(server: T): T {
  cleanups.push(() => server.close());
  return server;
}

/** A document of version 3 with one server and two operations on one channel. */
const version3 = (protocol: string, host: string, more: Members = {}): Members => ({
  asyncapi: "3.0.0",
  servers: { main: { protocol, host, pathname: "/{stage}", variables: { stage: { default: "live" } } } },
  channels: {
    chat: {
      address: "rooms/{room}",
      parameters: { room: { default: "lobby" } },
      servers: [{ $ref: "#/servers/main" }],
      messages: { said: { correlationId: { location: "$message.payload#/id" } } },
    },
  },
  operations: {
    say: { action: "send", channel: { $ref: "#/channels/chat" }, bindings: (more.bindings ?? {}) as Members },
    hear: { action: "receive", channel: { $ref: "#/channels/chat" }, bindings: (more.bindings ?? {}) as Members },
  },
});

const version2 = (protocol: string, url: string, bindings: Members = {}): Members => ({
  asyncapi: "2.6.0",
  servers: { other: { protocol: "kafka", url: "kafka.example" }, main: { protocol, url } },
  channels: {
    "rooms/lobby": {
      publish: { operationId: "say", bindings },
      subscribe: { operationId: "hear", bindings, message: { oneOf: [{ $ref: "#/components/messages/said" }] } },
    },
  },
  components: { messages: { said: { correlationId: { location: "$message.header#/trace" } } } },
});

const inline = (document: Members): Members => ({ content: JSON.stringify(document) });
const expression = (text: string, variables: Members = {}): Members => ({ expression: text, variables });
const consume = (what: Members, filter?: Members): Members => ({ consume: what, ...(filter ? { filter } : {}) });
const secret: Json = { $deferred: { expression: "$secrets.password", input: null, variables: {} } };

describe("call: asyncapi over http", () => {
  test("publishes by a request, to the server's path and the channel's address", async () => {
    const server = kept(await startServer((_request, response) => response.writeHead(202).end()));
    const document = version3("http", `127.0.0.1:${server.port}`, { bindings: { http: { method: "PUT" } } });
    const result = await asyncapi({
      document: inline(document),
      operation: "say",
      server: { name: "main", variables: { stage: "test", room: "blue" } },
      message: { payload: { text: "hi" }, headers: { "X-Trace": "t" } },
      authentication: { bearer: { token: secret } },
    });
    expect(result).toBe(null);
    expect(server.seen[0]).toMatchObject({
      method: "PUT",
      path: "/test/rooms/blue",
      body: '{"text":"hi"}',
      headers: { "x-trace": "t", authorization: "Bearer geheim" },
    });
  });

  test.each<[string, string, string]>([
    [
      "text/event-stream",
      'data: {"n":1}\r\n\r\n: comment\r\n\r\nevent: x\r\ndata: {"n":\r\ndata: 2}\r\n\r\n',
      "events",
    ],
    ["application/x-ndjson", '{"n":1}\n\n{"n":2}\n', "lines"],
  ])("reads %s as it comes", async (type, text) => {
    const server = kept(
      await startServer((_request, response) => {
        response.writeHead(200, { "content-type": type });
        for (const sign of text) response.write(sign);
        // The stream stays open: the subscription has what it wants.
      }),
    );
    const document = version2("http", `http://127.0.0.1:${server.port}`);
    const input = { document: inline(document), channel: "rooms/lobby", subscription: consume({ amount: 2 }) };
    expect(await asyncapi(input)).toMatchObject([{ payload: { n: 1 } }, { payload: { n: 2 } }]);
    expect(server.seen[0]).toMatchObject({ method: "GET", path: "/rooms/lobby" });
  });

  test("takes a plain response as one message, through the rewrite", async () => {
    const server = kept(await startServer((_request, response) => response.setHeader("trace", "t1").end('{"a":1}')));
    const document = version2("https", "https://events.example");
    const rewrite = [
      { from: "https://events.example", to: server.origin },
      { from: "https://docs.example", to: server.origin },
    ];
    const input = { channel: "rooms/lobby", subscription: consume({ amount: 5 }), rewrite };
    expect(await asyncapi({ ...input, document: inline(document) })).toMatchObject([
      { payload: { a: 1 }, headers: { trace: "t1" }, correlationId: "t1" },
    ]);
  });

  test("a refused subscription is an error with its status", async () => {
    const server = kept(await startServer((_request, response) => response.writeHead(403).end()));
    const document = version2("http", `http://127.0.0.1:${server.port}`);
    const input = { document: inline(document), channel: "rooms/lobby" };
    expect(await failureOf(asyncapi({ ...input, subscription: consume({ amount: 1 }) }))).toMatchObject({
      type: expect.stringContaining("authorization"),
      status: 403,
    });
    expect((await failureOf(asyncapi({ ...input, message: { payload: 1 } }))).status).toBe(403);
  });
});

describe("call: asyncapi over ws", () => {
  test("publishes one text message and says goodbye", async () => {
    const server = kept(await startWebSocketServer());
    const document = version3("ws", `127.0.0.1:${server.port}`);
    await asyncapi({
      document: inline(document),
      operation: "say",
      message: { payload: { text: "x".repeat(300) } },
      authentication: { bearer: { token: secret } },
    });
    expect(server.seen).toEqual([`1:{"text":"${"x".repeat(300)}"}`]);
    expect(server.requests[0]).toMatchObject({ url: "/live/rooms/lobby", headers: { authorization: "Bearer geheim" } });
  });

  test("reads messages in pieces, answers pings, and stops at the amount", async () => {
    const server = kept(
      await startWebSocketServer((socket) => {
        const bytes = Buffer.concat([
          serverFrame(1, '{"id":', false),
          serverFrame(9, "are you there"),
          serverFrame(0, '"a"}'),
          serverFrame(2, Buffer.from([0xff, 0xfe])),
          serverFrame(1, "x".repeat(1000)),
          serverFrame(1, "not wanted"),
        ]);
        for (let at = 0; at < bytes.length; at += 7) socket.write(bytes.subarray(at, at + 7));
      }),
    );
    const input = { document: inline(version3("ws", `127.0.0.1:${server.port}`)), operation: "hear" };
    expect(await asyncapi({ ...input, subscription: consume({ amount: 3 }) })).toEqual([
      { payload: { id: "a" }, headers: {}, correlationId: "a" },
      { payload: "//4=", headers: {} },
      { payload: "x".repeat(1000), headers: {} },
    ]);
    expect(server.seen).toContain("10:are you there");
  });

  const counting = () =>
    startWebSocketServer((socket) => {
      for (let n = 1; n <= 6; n++) socket.write(serverFrame(1, JSON.stringify({ n })));
    });
  const numbers = (messages: Json) => (messages as { payload: { n: number } }[]).map(({ payload }) => payload.n);

  test.each<[string, Members, number[]]>([
    ["filter and amount", consume({ amount: 2 }, expression(".payload.n % $step == 0", { step: 2 })), [2, 4]],
    ["while", consume({ while: expression(".payload.n < 4") }), [1, 2, 3]],
    ["until", consume({ until: expression(".payload.n >= $context.last", { context: { last: 3 } }) }), [1, 2, 3]],
    ["for", consume({ forMs: 300 }), [1, 2, 3, 4, 5, 6]],
    ["amount 0", consume({ amount: 0 }), []],
    [
      "a secret in the filter",
      consume({ amount: 1 }, expression('$secrets.password == "geheim"', { secrets: { password: secret } })),
      [1],
    ],
  ])("consumes by %s", async (_name, subscription, expected) => {
    const server = kept(await counting());
    const document = inline(version2("ws", `ws://127.0.0.1:${server.port}`));
    expect(numbers(await asyncapi({ document, channel: "rooms/lobby", subscription }))).toEqual(expected);
  });

  test("gives what came when the server ends", async () => {
    const server = kept(
      await startWebSocketServer((socket) => {
        socket.write(serverFrame(1, '{"n":1}'));
        socket.write(serverFrame(8, Buffer.from([3, 0xe8])));
      }),
    );
    const document = inline(version2("ws", `ws://127.0.0.1:${server.port}`));
    const subscription = consume({ amount: 5 });
    expect(numbers(await asyncapi({ document, channel: "rooms/lobby", subscription }))).toEqual([1]);
  });

  test("ends with its signal", async () => {
    const server = kept(await counting());
    const abort = new AbortController();
    const document = inline(version2("ws", `ws://127.0.0.1:${server.port}`));
    const subscription = consume({ amount: 100 });
    const running = failureOf(asyncapi({ document, channel: "rooms/lobby", subscription }, { signal: abort.signal }));
    abort.abort();
    expect(await running).toMatchObject({ title: "Cancelled" });
  });

  test.each<[string, (socket: import("node:stream").Duplex) => void, Members, string, string]>([
    [
      "a masked frame",
      (socket) => socket.write(Buffer.from([0x81, 0x81, 0, 0, 0, 0, 65])),
      {},
      "communication",
      "masks",
    ],
    [
      "a giant frame",
      (socket) => socket.write(Buffer.from([0x81, 127, 0, 0, 1, 0, 0, 0, 0, 0])),
      {},
      "communication",
      "larger",
    ],
    ["a refused handshake", () => undefined, { authentication: { bearer: { token: "no" } } }, "authentication", "401"],
    [
      "a failing filter",
      (socket) => socket.write(serverFrame(1, "{}")),
      { subscription: consume({ amount: 1 }, expression("error")) },
      "expression",
      "error",
    ],
  ])("fails at %s", async (_name, greet, more, type, detail) => {
    const server = kept(await startWebSocketServer(greet));
    const document = inline(version2("ws", `ws://127.0.0.1:${server.port}`));
    const input = { document, channel: "rooms/lobby", subscription: consume({ amount: 1 }), ...more };
    const failed = await failureOf(asyncapi(input));
    expect(failed).toMatchObject({ type: expect.stringContaining(type), detail: expect.stringContaining(detail) });
  });

  test("a server that is no WebSocket server is an error with its status", async () => {
    const server = kept(await startServer((_request, response) => response.writeHead(404).end()));
    const document = inline(version2("ws", `ws://127.0.0.1:${server.port}`));
    const failed = await failureOf(asyncapi({ document, channel: "rooms/lobby", message: { payload: 1 } }));
    expect(failed).toMatchObject({ type: expect.stringContaining("communication"), status: 404 });
  });
});

describe("call: asyncapi over mqtt", () => {
  test.each([0, 1])("publishes with qos %i to the topic", async (qos) => {
    const broker = kept(await startBroker());
    const document = inline(
      version3("mqtt", `127.0.0.1:${broker.port}`, { bindings: { mqtt: { qos, retain: true } } }),
    );
    const authentication = { basic: { username: "anna", password: secret } };
    await asyncapi({ document, operation: "say", message: { payload: { text: "hi" } }, authentication });
    expect(broker.seen[0]).toMatchObject({
      cmd: "connect",
      protocolVersion: 4,
      username: "anna",
      password: Buffer.from("geheim"),
    });
    expect(broker.seen[1]).toMatchObject({ cmd: "publish", topic: "rooms/lobby", qos, retain: true });
    expect(String((broker.seen[1] as { payload?: Buffer }).payload)).toBe('{"text":"hi"}');
    expect(broker.seen.at(-1)?.cmd).toBe("disconnect");
  });

  test("carries headers as user properties of MQTT 5", async () => {
    const broker = kept(await startBroker());
    const document = inline(version3("mqtt5", `127.0.0.1:${broker.port}`, { bindings: { mqtt: { qos: 1 } } }));
    await asyncapi({ document, operation: "say", message: { payload: "plain", headers: { trace: "t", n: 1 } } });
    expect(broker.seen[1]).toMatchObject({ properties: { userProperties: { trace: "t", n: "1" } } });
    const plain = inline(version3("mqtt", `127.0.0.1:${broker.port}`));
    const failed = await failureOf(asyncapi({ document: plain, operation: "say", message: { headers: { a: 1 } } }));
    expect(failed.detail).toContain("use mqtt5");
  });

  const publish = (payload: string, messageId: number, trace?: string): Packet => ({
    cmd: "publish",
    topic: "rooms/lobby",
    payload,
    qos: 1,
    dup: false,
    retain: false,
    messageId,
    ...(trace ? { properties: { userProperties: { trace } } } : {}),
  });

  test.each(["mqtt", "mqtt5"])("subscribes by %s and acknowledges what it gets", async (protocol) => {
    const trace = protocol === "mqtt5" ? "t" : undefined;
    const broker = kept(
      await startBroker(() => [publish('{"n":1}', 11, trace), publish("text", 12, trace), publish("more", 13)]),
    );
    const document = inline(version2(protocol, `${protocol}://127.0.0.1:${broker.port}`, { mqtt: { qos: 1 } }));
    const headers = { topic: "rooms/lobby", ...(trace ? { trace } : {}) };
    const correlation = trace ? { correlationId: trace } : {};
    expect(await asyncapi({ document, channel: "rooms/lobby", subscription: consume({ amount: 2 }) })).toEqual([
      { payload: { n: 1 }, headers, ...correlation },
      { payload: "text", headers, ...correlation },
    ]);
    expect(broker.seen.filter(({ cmd }) => cmd === "puback").map(({ messageId }) => messageId)).toEqual(
      expect.arrayContaining([11, 12]),
    );
  });

  test("takes its time only", async () => {
    const broker = kept(await startBroker());
    const document = inline(version2("mqtt", `mqtt://127.0.0.1:${broker.port}`));
    expect(
      await asyncapi({ document, channel: "rooms/lobby", subscription: consume({ amount: 1, forMs: 100 }) }),
    ).toEqual([]);
  });

  test("is reached through the rewrite", async () => {
    const broker = kept(await startBroker());
    const document = inline(version2("mqtt", "mqtt://broker.example"));
    const rewrite = [{ from: "http://broker.example:1883", to: `http://127.0.0.1:${broker.port}` }];
    await asyncapi({ document, channel: "rooms/lobby", message: { payload: 1 }, rewrite });
    expect(broker.seen[1]?.cmd).toBe("publish");
  });

  test.each<[string, string, Members, string, string]>([
    [
      "a wrong password",
      "mqtt",
      { authentication: { basic: { username: "no", password: "x" } } },
      "authentication",
      "code 5",
    ],
    [
      "a wrong password",
      "mqtt5",
      { authentication: { basic: { username: "no", password: "x" } } },
      "authentication",
      "code 134",
    ],
    ["a bearer token", "mqtt", { authentication: { bearer: { token: "x" } } }, "configuration", "basic"],
  ])("fails at %s by %s", async (_name, protocol, more, type, detail) => {
    const broker = kept(await startBroker());
    const document = inline(version2(protocol, `${protocol}://127.0.0.1:${broker.port}`));
    const failed = await failureOf(asyncapi({ document, channel: "rooms/lobby", message: { payload: 1 }, ...more }));
    expect(failed).toMatchObject({ type: expect.stringContaining(type), detail: expect.stringContaining(detail) });
  });

  test("fails at a refused subscription and a broken line", async () => {
    const broker = kept(await startBroker(() => [{ cmd: "pingresp" }]));
    const document = version2("mqtt", `mqtt://127.0.0.1:${broker.port}`);
    const forbidden = { ...document, channels: { forbidden: { subscribe: {} } } };
    const failed = await failureOf(
      asyncapi({ document: inline(forbidden), channel: "forbidden", subscription: consume({ amount: 1 }) }),
    );
    expect(failed).toMatchObject({
      type: expect.stringContaining("communication"),
      detail: expect.stringContaining("128"),
    });
  });
});

describe("call: asyncapi, documents", () => {
  const document = version3("ws", "127.0.0.1:1");

  test("fetches the document", async () => {
    const server = kept(await startWebSocketServer());
    const docs = kept(
      await startServer((_request, response) =>
        response.end(JSON.stringify(version3("ws", `127.0.0.1:${server.port}`))),
      ),
    );
    await asyncapi({ document: { endpoint: docs.origin }, operation: "say", message: { payload: 1 } });
    expect(server.seen).toEqual(["1:1"]);
  });

  test.each<[string, Members, string]>([
    ["neither message nor subscription", {}, "either"],
    ["both", { message: {}, subscription: consume({ amount: 1 }) }, "either"],
    ["an unknown operation", { operation: "shout", message: {} }, "it has say, hear"],
    ["a channel for version 3", { operation: null, channel: "chat", message: {} }, 'needs "operation"'],
    [
      "an unknown channel",
      { document: inline(version2("ws", "ws://a")), channel: "x", message: {} },
      "it has rooms/lobby",
    ],
    ["an unknown server", { server: { name: "none" }, message: {} }, "it has main"],
    ["an absent protocol", { protocol: "mqtt", message: {} }, "main (ws)"],
    [
      "kafka",
      { document: inline(version2("kafka", "k")), channel: "rooms/lobby", server: { name: "other" }, message: {} },
      "not spoken",
    ],
    [
      "qos 2",
      { document: inline(version3("mqtt", "127.0.0.1:1", { bindings: { mqtt: { qos: 2 } } })), message: {} },
      "qos 2",
    ],
    ["headers over ws", { document: inline(document), message: { headers: { a: 1 } } }, "127.0.0.1:1"],
    [
      "a host from outside",
      { server: { name: "main", variables: { stage: "x@evil.example" } }, message: {} },
      "cannot stand",
    ],
    [
      "a value that the document does not list",
      {
        document: inline({
          ...document,
          servers: {
            main: { protocol: "ws", host: "127.0.0.1:1", pathname: "/{stage}", variables: { stage: { enum: ["a"] } } },
          },
        }),
        server: { name: "main", variables: { stage: "b" } },
        message: {},
      },
      "must be one of a",
    ],
    ["a step up", { server: { name: "main", variables: { room: ".." } }, message: {} }, "in a path"],
    [
      "a wildcard in a topic",
      {
        document: inline(version3("mqtt", "127.0.0.1:1")),
        server: { name: "main", variables: { room: "#" } },
        message: {},
      },
      "in a topic",
    ],
    ["a subscription without end", { operation: "hear", subscription: consume({}) }, "needs one of"],
    ["a negative amount", { operation: "hear", subscription: consume({ amount: -1 }) }, "not negative"],
    ["another document", { document: { content: "openapi: 3.0.0" }, message: {} }, "neither asyncapi"],
    ["a metadata service", { document: inline(version3("mqtt", "169.254.169.254:80")), message: {} }, "refused always"],
  ])("refuses %s", async (_name, more, detail) => {
    const failed = await failureOf(asyncapi({ document: inline(document), operation: "say", ...more }));
    expect(failed.detail).toContain(detail);
  });
});
