import { join } from "node:path";
import type { Json } from "@stigmer/durable";
import { afterEach, describe, expect, test } from "vitest";
import { failureOf, startServer, testContext } from "../effects.testsuite.ts";
import { createEffects, type EffectsOptions } from "../effects.ts";
import { answerMcp } from "./mcp-server.testsuite.ts";

const cleanups: (() => void | Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

function mcp(input: Json, more: { signal?: AbortSignal; options?: EffectsOptions } = {}) {
  const { context, dispose } = testContext({ token: "t0ken" }, more.signal);
  const effects = createEffects(more.options);
  cleanups.push(dispose, () => effects.close());
  const handler = effects.handlers.mcp;
  if (!handler) throw new Error("no mcp effect");
  return handler(input, context);
}

const secret: Json = { $deferred: { expression: "$secrets.token", input: null, variables: {} } };

const stdio = (mode = "serve"): { readonly [name: string]: Json } => ({
  stdio: {
    command: process.execPath,
    arguments: [join(import.meta.dirname, "mcp-server.testsuite.ts"), mode],
    environment: { TOKEN: secret },
  },
});

/** The same server over Streamable HTTP; answers as JSON or as an event stream. */
async function httpServer(form: "json" | "events" = "json") {
  const server = await startServer((request, response) => {
    if (request.method === "GET") return response.writeHead(405).end();
    if (request.method === "DELETE") return response.writeHead(200).end();
    if (request.headers.authorization === "Bearer no") return response.writeHead(401).end();
    const answer = answerMcp(JSON.parse(request.body));
    response.setHeader("mcp-session-id", "s1");
    if (answer === undefined) return response.writeHead(202).end();
    const text = JSON.stringify(answer);
    const type = form === "json" ? "application/json" : "text/event-stream";
    response.setHeader("content-type", type);
    return response.end(form === "json" ? text : `event: message\ndata: ${text}\n\n`);
  });
  cleanups.push(() => server.close());
  return server;
}

const METHODS: readonly [string, Json, Json][] = [
  ["tools/list", {}, { tools: [{ name: "echo", inputSchema: { type: "object" } }], nextCursor: "more" }],
  ["prompts/list", {}, { prompts: [{ name: "greet" }] }],
  ["prompts/get", { name: "x" }, { messages: [{ role: "user", content: { type: "text", text: "greet x" } }] }],
  ["resources/list", {}, { resources: [{ uri: "mem://a", name: "a" }] }],
  ["resources/read", { uri: "mem://a" }, { contents: [{ uri: "mem://a", text: "content" }] }],
  ["resources/templates/list", {}, { resourceTemplates: [{ uriTemplate: "mem://{name}", name: "all" }] }],
];

describe("call: mcp over http", () => {
  test.each(METHODS)("%s gives the protocol's result", async (method, parameters, result) => {
    const { origin } = await httpServer();
    const transport = { http: { endpoint: `${origin}/mcp` } };
    expect(await mcp({ method, parameters, transport })).toEqual(result);
  });

  test("signs in, sends headers, introduces its client, and ends the session", async () => {
    const { origin, seen } = await httpServer("events");
    const endpoint = { uri: "https://mcp.example/mcp", authentication: { bearer: { token: secret } } };
    const result = await mcp({
      method: "tools/call",
      parameters: { name: "echo", arguments: { a: 1 } },
      transport: { http: { endpoint, headers: { "X-Tenant": "blue" } } },
      client: { name: "me", version: "7" },
      protocolVersion: "2025-06-18",
      rewrite: [{ from: "https://mcp.example", to: origin }],
    });
    expect(result).toMatchObject({ content: [{ type: "text", text: '{"a":1}' }] });
    for (const request of seen) {
      expect(request.headers).toMatchObject({ authorization: "Bearer t0ken", "x-tenant": "blue" });
    }
    const hello = JSON.parse(seen[0]?.body ?? "");
    expect(hello).toMatchObject({
      method: "initialize",
      params: { protocolVersion: "2025-06-18", clientInfo: { name: "me", version: "7" } },
    });
    expect(seen.at(-1)).toMatchObject({ method: "DELETE", headers: { "mcp-session-id": "s1" } });
  });

  test.each<[string, Json, string, string]>([
    ["an error of the server", { method: "tools/call", parameters: { name: "nope" } }, "runtime", "no tool nope"],
    [
      "a tool that takes too long",
      { method: "tools/call", parameters: { name: "hang" }, timeoutMs: 300 },
      "timeout",
      "0.3 s",
    ],
    ["an unknown method", { method: "tools/delete" }, "configuration", "tools/delete"],
    ["parameters that are none", { method: "tools/list", parameters: "x" }, "configuration", "parameters"],
  ])("%s is a failure", async (_name, more, type, detail) => {
    const { origin } = await httpServer();
    const failed = await failureOf(mcp({ transport: { http: { endpoint: origin } }, ...(more as object) }));
    expect(failed).toMatchObject({ type: expect.stringContaining(type), detail: expect.stringContaining(detail) });
  });

  test.each<[string, Json, string]>([
    ["no transport", {}, "configuration"],
    ["two transports", { http: { endpoint: "http://a" }, ...stdio() }, "configuration"],
    ["no http address", { http: { endpoint: "ftp://a" } }, "configuration"],
    ["a closed port", { http: { endpoint: "http://127.0.0.1:1" } }, "runtime"],
    ["a metadata service", { http: { endpoint: "http://169.254.169.254/" } }, "authorization"],
  ])("refuses %s", async (_name, transport, type) => {
    const failed = await failureOf(mcp({ method: "tools/list", transport }));
    expect(failed.type).toContain(type);
  });

  test("fails when the server does not take the token", async () => {
    const { origin } = await httpServer();
    const endpoint = { uri: origin, authentication: { bearer: { token: "no" } } };
    const failed = await failureOf(mcp({ method: "tools/list", transport: { http: { endpoint } } }));
    expect(failed.type).toContain("runtime");
  });
});

describe("call: mcp over stdio", () => {
  test("runs the server with its environment, and ends it", async () => {
    const result = await mcp({
      method: "tools/call",
      parameters: { name: "echo", arguments: { a: 1 } },
      transport: stdio(),
    });
    expect(result).toMatchObject({ structuredContent: { token: "[redacted]" } });
  });

  test.each<[string, Json, string]>([
    ["a server that ends at once", stdio("broken"), "no configuration found"],
    ["a command that does not exist", { stdio: { command: "no-such-command" } }, "ENOENT"],
  ])("says why: %s", async (_name, transport, detail) => {
    const failed = await failureOf(mcp({ method: "tools/list", transport }));
    expect(failed).toMatchObject({ type: expect.stringContaining("runtime"), detail: expect.stringContaining(detail) });
  });

  test("fails when the server dies in a call", async () => {
    const failed = await failureOf(mcp({ method: "tools/call", parameters: { name: "die" }, transport: stdio() }));
    expect(failed.type).toContain("runtime");
  });

  test("ends with its signal", async () => {
    const abort = new AbortController();
    const running = mcp(
      { method: "tools/call", parameters: { name: "hang" }, transport: stdio() },
      { signal: abort.signal },
    );
    const failed = failureOf(running);
    abort.abort();
    expect(await failed).toMatchObject({ title: "Cancelled" });
  });
});
