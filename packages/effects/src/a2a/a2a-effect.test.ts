import type { Json } from "@stigmer/durable";
import { afterEach, describe, expect, test } from "vitest";
import { failureOf, startServer, testContext } from "../effects.testsuite.ts";
import { createEffects } from "../effects.ts";

const cleanups: (() => void | Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

function a2a(input: Json, signal?: AbortSignal) {
  const { context, dispose } = testContext({ token: "t0ken" }, signal);
  const effects = createEffects();
  cleanups.push(dispose, () => effects.close());
  const handler = effects.handlers.a2a;
  if (!handler) throw new Error("no a2a effect");
  return handler(input, context);
}

/** An agent with its card; it answers by echoing what it was asked, three times where it streams. */
async function agent(card?: (origin: string) => Json) {
  const made = { origin: "" };
  const server = await startServer((request, response) => {
    if (request.path === "/.well-known/agent-card.json" || request.path === "/card") {
      return response.end(
        JSON.stringify(card?.(made.origin) ?? { name: "a", url: "/rpc", preferredTransport: "JSONRPC" }),
      );
    }
    const { method, params, id } = JSON.parse(request.body);
    if (params?.hang) return;
    if (params?.status) return response.writeHead(params.status).end("<html>");
    const say = (body: Record<string, Json>) => JSON.stringify({ jsonrpc: "2.0", id, ...body });
    if (params?.fail) return response.end(say({ error: { code: -32001, message: "Task not found" } }));
    if (method === "message/stream" || method === "tasks/resubscribe") {
      response.setHeader("content-type", "text/event-stream");
      for (const n of [1, 2, 3]) response.write(`event: x\r\ndata: ${say({ result: { n } })}\r\n\r\n`);
      if (params?.late) response.write(`data: ${say({ error: { code: -32603, message: "broke off" } })}\n\n`);
      return response.end(": bye\n\n");
    }
    response.setHeader("content-type", "application/json");
    return response.end(say({ result: { method, params, signedIn: request.headers.authorization ?? null } }));
  });
  made.origin = server.origin;
  cleanups.push(() => server.close());
  return server;
}

const bearer: Json = { bearer: { token: { $deferred: { expression: "$secrets.token", input: null, variables: {} } } } };

describe("call: a2a", () => {
  test("finds the agent by its card, signs in at both, and completes the message", async () => {
    const { origin, seen } = await agent();
    const agentCard = { endpoint: { uri: origin, authentication: bearer } };
    const parameters = { message: { parts: [{ kind: "text", text: "hi" }] } };
    const input = { method: "message/send", agentCard, parameters };
    const first = await a2a(input);
    expect(first).toEqual({
      method: "message/send",
      params: {
        message: {
          kind: "message",
          messageId: expect.stringMatching(/^[0-9a-f-]{36}$/),
          role: "user",
          ...parameters.message,
        },
      },
      signedIn: "Bearer [redacted]",
    });
    expect(seen.map(({ path }) => path)).toEqual(["/.well-known/agent-card.json", "/rpc"]);
    expect(seen.map(({ headers }) => headers.authorization)).toEqual(["Bearer t0ken", "Bearer t0ken"]);
    expect(await a2a(input)).toEqual(first);
  });

  test("keeps a messageId and a role that are given", async () => {
    const { origin } = await agent();
    const message = { messageId: "m", role: "agent", parts: [] };
    expect(await a2a({ method: "message/send", server: `${origin}/rpc`, parameters: { message } })).toMatchObject({
      params: { message },
    });
  });

  test.each(["message/stream", "tasks/resubscribe"])("%s gives all results", async (method) => {
    const { origin } = await agent();
    expect(await a2a({ method, server: { uri: origin } })).toEqual([{ n: 1 }, { n: 2 }, { n: 3 }]);
  });

  test.each([
    "tasks/get",
    "tasks/list",
    "tasks/cancel",
    "tasks/pushNotificationConfig/set",
    "tasks/pushNotificationConfig/get",
    "tasks/pushNotificationConfig/list",
    "tasks/pushNotificationConfig/delete",
    "agent/getAuthenticatedExtendedCard",
  ])("%s is passed on", async (method) => {
    const { origin } = await agent();
    expect(await a2a({ method, server: origin, parameters: { id: "t" } })).toMatchObject({
      method,
      params: { id: "t" },
    });
  });

  test.each<[string, (origin: string) => Json]>([
    [
      "additionalInterfaces",
      (origin) => ({
        url: `${origin}/grpc`,
        preferredTransport: "GRPC",
        additionalInterfaces: [{ url: `${origin}/rpc`, transport: "JSONRPC" }],
      }),
    ],
    [
      "supportedInterfaces",
      (origin) => ({ supportedInterfaces: [{ url: `${origin}/rpc`, protocolBinding: "JSONRPC" }] }),
    ],
  ])("takes the JSON-RPC address from %s", async (_name, card) => {
    const { origin, seen } = await agent(card);
    const rewrite = [{ from: "https://card.example", to: origin }];
    await a2a({ method: "tasks/get", agentCard: { endpoint: "https://card.example/card" }, rewrite });
    expect(seen.map(({ path }) => path)).toEqual(["/card", "/rpc"]);
  });

  test("does not take the card's authentication to another origin", async () => {
    const { origin } = await agent();
    const card = JSON.stringify({ url: `${origin}/rpc` });
    const { origin: other } = await startServerWith(card);
    const agentCard = { endpoint: { uri: `${other}/card`, authentication: bearer } };
    expect(await a2a({ method: "tasks/get", agentCard })).toMatchObject({ signedIn: null });
  });

  test.each<[string, string, Json, string, string]>([
    ["an error", "tasks/get", { fail: true }, "runtime", "error -32001: Task not found"],
    ["an error in a stream", "message/stream", { late: true }, "runtime", "broke off"],
    ["a status", "tasks/get", { status: 401 }, "runtime", "401"],
    ["no JSON", "tasks/get", { status: 200 }, "runtime", "no JSON-RPC result"],
    ["an unknown method", "tasks/delete", {}, "configuration", "tasks/delete"],
  ])("%s is a failure", async (_name, method, parameters, type, detail) => {
    const { origin } = await agent();
    const failed = await failureOf(a2a({ method, server: origin, parameters }));
    expect(failed).toMatchObject({ type: expect.stringContaining(type), detail: expect.stringContaining(detail) });
  });

  test.each<[string, Json, string]>([
    ["neither card nor server", {}, "configuration"],
    ["a card without address", { agentCard: { content: "{}" } }, "configuration"],
    ["a closed port", { server: "http://127.0.0.1:1" }, "runtime"],
    ["a metadata service", { server: "http://169.254.169.254" }, "authorization"],
  ])("refuses %s", async (_name, more, type) => {
    const failed = await failureOf(a2a({ method: "tasks/get", ...(more as object) }));
    expect(failed.type).toContain(type);
  });

  test("ends with its time, and with its signal", async () => {
    const { origin } = await agent();
    const input = { method: "tasks/get", server: origin, parameters: { hang: true } };
    expect((await failureOf(a2a({ ...input, timeoutMs: 150 }))).type).toContain("timeout");
    const abort = new AbortController();
    const running = failureOf(a2a(input, abort.signal));
    abort.abort();
    expect(await running).toMatchObject({ title: "Cancelled" });
  });
});

async function startServerWith(text: string) {
  const server = await startServer((_request, response) => response.end(text));
  cleanups.push(() => server.close());
  return server;
}
