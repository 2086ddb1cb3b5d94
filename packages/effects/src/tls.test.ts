import http2 from "node:http2";
import type { AddressInfo } from "node:net";
import tls from "node:tls";
import type { Json } from "@stigmer/durable";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { failureOf, testContext } from "./effects.testsuite.ts";
import { createEffects } from "./effects.ts";
import { selfSigned } from "./tls.testsuite.ts";

const servers: (tls.Server | http2.Http2SecureServer)[] = [];
let port = 0;
let h2Port = 0;
beforeAll(async () => {
  const pair = selfSigned();
  const listen = async (server: tls.Server | http2.Http2SecureServer) => {
    server.on("tlsClientError", () => undefined);
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return (server.address() as AddressInfo).port;
  };
  port = await listen(tls.createServer(pair, (socket) => socket.destroy()));
  h2Port = await listen(http2.createSecureServer(pair));
});
afterAll(() => {
  for (const server of servers) server.close();
});

const asyncapi = (protocol: string): Json => ({
  document: {
    content: JSON.stringify({
      asyncapi: "2.6.0",
      servers: { main: { protocol, url: `${protocol}://127.0.0.1:${port}` } },
      channels: { c: { publish: {} } },
    }),
  },
  channel: "c",
  message: { payload: 1 },
});

describe("TLS", () => {
  test.each<[string, string, () => Json]>([
    [
      "grpc",
      "grpc",
      () => ({
        proto: { content: 'syntax = "proto3"; message A {} service S { rpc M (A) returns (A); }' },
        service: { name: "S", host: "127.0.0.1", port: h2Port, tls: true },
        method: "M",
      }),
    ],
    ["mcp", "mcp", () => ({ method: "tools/list", transport: { http: { endpoint: `https://127.0.0.1:${port}` } } })],
    ["a2a", "a2a", () => ({ method: "tasks/get", server: `https://127.0.0.1:${port}` })],
    ["asyncapi over https", "asyncapi", () => asyncapi("https")],
    ["asyncapi over wss", "asyncapi", () => asyncapi("wss")],
    ["asyncapi over mqtts", "asyncapi", () => asyncapi("mqtts")],
  ])("%s does not speak to a server with a certificate of its own making", async (_name, kind, input) => {
    const { context, dispose } = testContext();
    const effects = createEffects();
    try {
      const failed = await failureOf(effects.handlers[kind]?.(input(), context) ?? Promise.resolve(null));
      expect(failed.detail).toContain("certificate");
    } finally {
      effects.close();
      dispose();
    }
  });
});
