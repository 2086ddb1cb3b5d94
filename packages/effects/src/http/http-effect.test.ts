import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import https from "node:https";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import type { CrashClass, Json } from "@stigmer/durable";
import { afterEach, describe, expect, test } from "vitest";
import { failureOf, startServer, testContext } from "../effects.testsuite.ts";
import { createEffects, type EffectsOptions } from "../effects.ts";

const cleanups: (() => void | Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

type Answer = Parameters<typeof startServer>[0];

async function server(answer: Answer) {
  const started = await startServer(answer);
  cleanups.push(() => started.close());
  return started;
}

function http(
  input: Json,
  more: { secrets?: Record<string, Json>; signal?: AbortSignal; options?: EffectsOptions } = {},
) {
  const { context, dispose } = testContext(more.secrets, more.signal);
  const effects = createEffects(more.options);
  cleanups.push(dispose, () => effects.close());
  const handler = effects.handlers.http;
  if (!handler) throw new Error("no http effect");
  return handler(input, context);
}

const json =
  (value: Json): Answer =>
  (_request, response) => {
    response.setHeader("content-type", "application/json").end(JSON.stringify(value));
  };

const secret = (expression: string): Json => ({ $deferred: { expression, input: null, variables: {} } });

describe("call: http", () => {
  test("gives JSON content, and sends query, headers and what it accepts", async () => {
    const { origin, seen } = await server(json([{ id: 1 }]));
    const content = await http({
      method: "get",
      uri: `${origin}/pets?status=new`,
      query: { tag: ["a", "b"], page: 2, none: null, deep: { x: 1 } },
      headers: { "X-Trace": "abc" },
    });
    expect(content).toEqual([{ id: 1 }]);
    expect(seen[0]?.path).toBe("/pets?status=new&tag=a&tag=b&page=2&deep=%7B%22x%22%3A1%7D");
    expect(seen[0]?.headers).toMatchObject({ "x-trace": "abc", accept: expect.stringContaining("application/json") });
    expect(seen[0]?.headers["idempotency-key"]).toBeUndefined();
  });

  test.each(["POST", "PUT", "PATCH", "DELETE"])("%s carries its idempotency key", async (method) => {
    const { origin, seen } = await server(json({}));
    await http({ method, uri: origin, body: { a: 1 } });
    expect(seen[0]).toMatchObject({ method, body: '{"a":1}' });
    expect(seen[0]?.headers).toMatchObject({
      "content-type": "application/json",
      "idempotency-key": "wex_1:/do/0/step#1",
    });
  });

  test("requests of one idempotency scope carry the same key", async () => {
    const { origin, seen } = await server(json({}));
    for (const idempotencyScope of ["/do/0/é#1", "/do/0/é#1", "/do/0/é#2"])
      await http({ method: "post", uri: origin, idempotencyScope });
    const keys = seen.map(({ headers }) => headers["idempotency-key"]);
    expect(keys).toEqual([
      expect.stringMatching(/^[0-9a-f]{32}$/),
      keys[0],
      expect.not.stringContaining(String(keys[0])),
    ]);
  });

  test.each<[string, Json, string | undefined, string, string]>([
    ["text", "hello", undefined, "hello", "text/plain; charset=utf-8"],
    ["a list", [1, 2], undefined, "[1,2]", "application/json"],
    [
      "form fields",
      { a: "x y", b: [1, 2] },
      "application/x-www-form-urlencoded",
      "a=x+y&b=1&b=2",
      "application/x-www-form-urlencoded",
    ],
    ["text as JSON", "hello", "application/json", '"hello"', "application/json"],
    ["JSON text as it is", '{"a":1}', "application/vnd.x+json", '{"a":1}', "application/vnd.x+json"],
  ])("sends %s", async (_name, body, contentType, expected, expectedType) => {
    const { origin, seen } = await server(json({}));
    await http({ method: "post", uri: origin, body, headers: contentType ? { "Content-Type": contentType } : {} });
    expect(seen[0]?.body).toBe(expected);
    expect(seen[0]?.headers["content-type"]).toBe(expectedType);
  });

  test.each<[string, string | undefined, Buffer | string, Json]>([
    ["text", "text/plain", "hi", "hi"],
    ["latin text", "text/plain; charset=iso-8859-1", Buffer.from([0xe9]), "é"],
    ["a problem document", "application/problem+json", '{"a":1}', { a: 1 }],
    ["nothing", "application/json", "", null],
    ["bytes", "application/octet-stream", Buffer.from([1, 2, 3]), "AQID"],
    ["JSON without a type", undefined, '{"a":1}', { a: 1 }],
    ["text without a type", undefined, "just text", "just text"],
    ["bytes without a type", undefined, Buffer.from([0xff, 0xfe]), "//4="],
  ])("reads %s", async (_name, type, body, expected) => {
    const { origin } = await server((_request, response) => {
      if (type !== undefined) response.setHeader("content-type", type);
      response.end(body);
    });
    expect(await http({ method: "get", uri: origin })).toEqual(expected);
  });

  test("unpacks what the server packed", async () => {
    const { origin } = await server((_request, response) => {
      response.writeHead(200, { "content-type": "application/json", "content-encoding": "gzip" });
      response.end(gzipSync('{"packed":true}'));
    });
    expect(await http({ method: "get", uri: origin })).toEqual({ packed: true });
  });

  test("gives the whole response without credentials", async () => {
    const { origin } = await server(json({ ok: true }));
    const output = await http({
      method: "get",
      uri: `${origin}/x`,
      output: "response",
      authentication: { bearer: { token: "t0ken-value" } },
    });
    expect(output).toMatchObject({
      request: { method: "GET", uri: `${origin}/x` },
      statusCode: 200,
      headers: { "content-type": "application/json" },
      content: { ok: true },
    });
    expect(JSON.stringify(output)).not.toContain("t0ken");
  });

  test("gives raw content in base64", async () => {
    const { origin } = await server(json({ a: 1 }));
    expect(await http({ method: "get", uri: origin, output: "raw" })).toBe(Buffer.from('{"a":1}').toString("base64"));
  });

  test("HEAD has no content, whatever length it names", async () => {
    const { origin } = await server((_request, response) => {
      response.writeHead(200, { "content-length": "99999999", "content-type": "application/json" }).end();
    });
    expect(await http({ method: "head", uri: origin })).toBe(null);
  });

  test("rewrites origins and names the original one", async () => {
    const { origin, seen } = await server(json({}));
    const output = await http({
      method: "get",
      uri: "https://pets.example/v2/pet/1",
      output: "response",
      rewrite: [{ from: "https://pets.example", to: origin }],
    });
    expect(seen[0]?.path).toBe("/v2/pet/1");
    expect(output).toMatchObject({ request: { uri: "https://pets.example/v2/pet/1" } });
  });
});

describe("call: http, authentication", () => {
  test.each<[string, Json, string]>([
    [
      "basic",
      { basic: { username: "ann", password: "pä:ss" } },
      `Basic ${Buffer.from("ann:pä:ss").toString("base64")}`,
    ],
    ["bearer", { bearer: { token: "abc.def" } }, "Bearer abc.def"],
  ])("%s", async (_name, authentication, expected) => {
    const { origin, seen } = await server(json({}));
    await http({ method: "get", uri: origin, authentication });
    expect(seen[0]?.headers.authorization).toBe(expected);
  });

  test("takes user and password out of the URI", async () => {
    const { origin, seen } = await server((_request, response) => response.writeHead(500).end());
    const failed = await failureOf(http({ method: "get", uri: origin.replace("//", "//ann:geheim@") }));
    expect(seen[0]?.headers.authorization).toBe(`Basic ${Buffer.from("ann:geheim").toString("base64")}`);
    expect(JSON.stringify(failed)).not.toContain("geheim");
  });

  test("evaluates deferred values with the secrets, and no failure shows them", async () => {
    const { origin, seen } = await server((request, response) => {
      response.writeHead(418, { "content-type": "application/json", "x-echo": request.headers["x-key"] as string });
      response.end(JSON.stringify({ youSent: request.headers["x-key"], body: request.body }));
    });
    const failed = await failureOf(
      http(
        {
          method: "post",
          uri: `${origin}/?key=1`,
          query: { key: secret("$secrets.key") },
          headers: { "X-Key": secret('"k-" + $secrets.key') },
          body: { inner: secret("$secrets.key") },
        },
        { secrets: { key: "s3cr3t/va lue!" } },
      ),
    );
    expect(seen[0]?.headers["x-key"]).toBe("k-s3cr3t/va lue!");
    expect(seen[0]?.body).toContain("s3cr3t/va lue!");
    expect(failed.status).toBe(418);
    expect(JSON.stringify(failed)).not.toMatch(/s3cr3t/);
    expect(JSON.stringify(failed)).toContain("[redacted]");
  });

  test("a secret that the other side gives back is redacted, whole and in part", async () => {
    const { origin } = await server((seen, response) => {
      response.setHeader("content-type", "application/json");
      response.end(
        JSON.stringify({ whole: seen.headers["x-key"], part: `you said ${seen.headers["x-key"]}`, pin: 47_114_711 }),
      );
    });
    const headers = { "x-key": secret("$secrets.key"), "x-pin": secret("$secrets.pin | tostring") };
    const secrets = { key: "s3cr3t!", pin: 47_114_711 };
    expect(await http({ method: "get", uri: origin, headers }, { secrets })).toEqual({
      whole: "[redacted]",
      part: "you said [redacted]",
      pin: "[redacted]",
    });
  });

  test("a secret that does not exist is named", async () => {
    const failed = await failureOf(
      http({ method: "get", uri: "http://127.0.0.1:1", headers: { a: secret("$secrets.gone") } }),
    );
    expect(failed).toMatchObject({ status: 403, retryable: false, detail: expect.stringContaining('"gone"') });
  });

  test("data that looks deferred is only data", async () => {
    const { origin, seen } = await server(json({}));
    const smuggled = { $literal: { $deferred: { expression: "$secrets.key", input: null, variables: {} } } };
    await http({ method: "post", uri: origin, body: { data: smuggled } }, { secrets: { key: "s3cr3t" } });
    expect(JSON.parse(seen[0]?.body ?? "")).toEqual({ data: smuggled.$literal });
  });
});

describe("call: http, redirects", () => {
  const redirecting: Answer = (request, response) => {
    const [, status, target] = /^\/to\/(\d+)\?(.*)$/.exec(request.path) ?? [];
    if (status === undefined) response.end(`${request.method} ${request.body}`);
    else response.writeHead(Number(status), { location: decodeURIComponent(target ?? "") }).end();
  };

  test("a redirect is a failure unless it is allowed", async () => {
    const { origin } = await server(redirecting);
    const failed = await failureOf(http({ method: "get", uri: `${origin}/to/302?/end` }));
    expect(failed).toMatchObject({ status: 302, type: expect.stringContaining("communication") });
  });

  test.each<[number, string, string]>([
    [301, "POST", "GET "],
    [302, "POST", "GET "],
    [303, "PUT", "GET "],
    [307, "POST", "POST data"],
    [308, "PUT", "PUT data"],
  ])("follows %i after %s", async (status, method, expected) => {
    const { origin } = await server(redirecting);
    expect(await http({ method, uri: `${origin}/to/${status}?/end`, body: "data", redirect: true })).toBe(expected);
  });

  test("accepts a 3xx without a goal", async () => {
    const { origin } = await server((_request, response) => response.writeHead(304).end());
    expect(await http({ method: "get", uri: origin, redirect: true })).toBe(null);
  });

  test("sends no credentials and no secrets to another origin", async () => {
    const other = await server((_request, response) => response.end("other"));
    const { origin, seen } = await server(redirecting);
    const output = await http(
      {
        method: "get",
        uri: `${origin}/to/302?${encodeURIComponent(`${other.origin}/x`)}`,
        redirect: true,
        headers: { "x-key": secret("$secrets.key"), "x-plain": "1", cookie: "a=b" },
        authentication: { bearer: { token: "abcdefgh" } },
      },
      { secrets: { key: "s3cr3t" } },
    );
    expect(output).toBe("other");
    expect(seen[0]?.headers).toMatchObject({ "x-key": "s3cr3t", authorization: "Bearer abcdefgh" });
    expect(other.seen[0]?.headers).toMatchObject({ "x-plain": "1" });
    for (const name of ["x-key", "authorization", "cookie"]) expect(other.seen[0]?.headers).not.toHaveProperty(name);
  });

  test("does not send a body with a secret to another origin", async () => {
    const other = await server((_request, response) => response.end());
    const { origin } = await server(redirecting);
    const uri = `${origin}/to/307?${encodeURIComponent(other.origin)}`;
    const failed = await failureOf(
      http({ method: "post", uri, redirect: true, body: secret("$secrets.key") }, { secrets: { key: "s3cr3t" } }),
    );
    expect(failed.status).toBe(403);
    expect(other.seen).toEqual([]);
  });

  test("gives up on a loop", async () => {
    const { origin, seen } = await server((_request, response) =>
      response.writeHead(302, { location: "/again" }).end(),
    );
    const failed = await failureOf(http({ method: "get", uri: origin, redirect: true }));
    expect(failed).toMatchObject({ status: 302, detail: expect.stringContaining("more than 10 times") });
    expect(seen.length).toBe(11);
  });

  test("checks the address again after a redirect", async () => {
    const { origin } = await server(redirecting);
    const uri = `${origin}/to/302?${encodeURIComponent("http://169.254.169.254/latest")}`;
    const failed = await failureOf(http({ method: "get", uri, redirect: true }));
    expect(failed).toMatchObject({ status: 403, title: "Address refused", retryable: false });
  });
});

describe("call: http, bad cases", () => {
  test.each<[string, Json]>([
    ["no method", { uri: "http://x" }],
    ["a relative URI", { method: "get", uri: "/x" }],
    ["a file", { method: "get", uri: "file:///etc/passwd" }],
    ["a line break in a header", { method: "get", uri: "http://x", headers: { a: "1\r\nb: 2" } }],
    ["a framing header", { method: "post", uri: "http://x", headers: { "Transfer-Encoding": "chunked" } }],
    ["a header name with a space", { method: "get", uri: "http://x", headers: { "a b": "1" } }],
    ["an unknown scheme", { method: "get", uri: "http://x", authentication: { digest: {} } }],
    ["a method with a space", { method: "GET /x", uri: "http://x" }],
    ["an unknown output", { method: "get", uri: "http://x", output: "xml" }],
  ])("%s is a configuration error", async (_name, input) => {
    expect(await failureOf(http(input))).toMatchObject({
      type: "https://serverlessworkflow.io/spec/1.0.0/errors/configuration",
      status: 400,
      retryable: false,
    });
  });

  test.each<[number, string]>([
    [401, "authentication"],
    [403, "authorization"],
    [404, "communication"],
    [503, "communication"],
  ])("status %i is an error of type %s", async (status, type) => {
    const { origin } = await server((_request, response) => {
      response.writeHead(status, { "retry-after": "2", "content-type": "application/json" }).end('{"why":"no"}');
    });
    expect(await failureOf(http({ method: "get", uri: origin }))).toMatchObject({
      type: `https://serverlessworkflow.io/spec/1.0.0/errors/${type}`,
      status,
      data: { statusCode: status, content: { why: "no" }, retryAfterMs: 2000 },
    });
  });

  test.each<[string, Answer, Partial<EffectsOptions["httpLimits"]>, string, string]>([
    [
      "an endless body",
      (_request, response) => endless(response),
      { maxContentBytes: 1_000_000 },
      "communication",
      "larger than",
    ],
    [
      "a length that is too large",
      (_request, response) => response.writeHead(200, { "content-length": "2000000" }).end("x"),
      { maxContentBytes: 1_000_000 },
      "communication",
      "larger than",
    ],
    [
      "a packed bomb",
      (_request, response) =>
        response.writeHead(200, { "content-encoding": "gzip" }).end(gzipSync(Buffer.alloc(5_000_000))),
      { maxContentBytes: 1_000_000 },
      "communication",
      "larger than",
    ],
    ["silence", () => undefined, { idleMs: 100 }, "timeout", "no byte came"],
    ["a slow drip", (_request, response) => drip(response), { totalMs: 300 }, "timeout", "not done after"],
    [
      "JSON that is none",
      (_request, response) => response.setHeader("content-type", "application/json").end("{"),
      {},
      "communication",
      "is not",
    ],
    [
      "a cut response",
      (_request, response) =>
        response.writeHead(200, { "content-length": "10" }).write("abc", () => response.destroy()),
      {},
      "communication",
      "failed",
    ],
    [
      "a strange packing",
      (_request, response) => response.writeHead(200, { "content-encoding": "zip" }).end("x"),
      {},
      "communication",
      "not supported",
    ],
  ])("%s", async (_name, answer, limits, type, detail) => {
    const { origin } = await server(answer);
    const failed = await failureOf(http({ method: "get", uri: origin }, { options: { httpLimits: limits ?? {} } }));
    expect(failed.type).toBe(`https://serverlessworkflow.io/spec/1.0.0/errors/${type}`);
    expect(failed.detail).toContain(detail);
  });

  test("nobody listens", async () => {
    const gone = await startServer(() => undefined);
    await gone.close();
    const failed = await failureOf(http({ method: "get", uri: gone.origin }));
    expect(failed).toMatchObject({ status: 500, detail: expect.stringContaining("ECONNREFUSED") });
  });

  test("an unknown name", async () => {
    const resolveHost = () => Promise.reject(Object.assign(new Error("gone"), { code: "ENOTFOUND" }));
    const failed = await failureOf(
      http({ method: "get", uri: "http://nowhere.invalid" }, { options: { resolveHost } }),
    );
    expect(failed).toMatchObject({ status: 500, detail: expect.stringContaining("ENOTFOUND") });
  });

  test("a certificate that nobody signed", async () => {
    const { context, dispose } = testContext();
    cleanups.push(dispose);
    const key = join(context.workspaceDir, "key.pem");
    const cert = join(context.workspaceDir, "cert.pem");
    const made = spawnSync("openssl", [
      "req",
      "-x509",
      "-newkey",
      "rsa:2048",
      "-nodes",
      "-keyout",
      key,
      "-out",
      cert,
      "-days",
      "1",
      "-subj",
      "/CN=localhost",
    ]);
    expect(made.status).toBe(0);
    const tls = https.createServer({ key: readFileSync(key), cert: readFileSync(cert) }, (_request, response) =>
      response.end(),
    );
    await new Promise<void>((resolve) => tls.listen(0, "127.0.0.1", resolve));
    cleanups.push(() => new Promise<void>((resolve) => tls.close(() => resolve())));
    const failed = await failureOf(
      http({ method: "get", uri: `https://127.0.0.1:${(tls.address() as AddressInfo).port}` }),
    );
    expect(failed).toMatchObject({ status: 500, detail: expect.stringContaining("certificate") });
  });

  test("is stopped at once when it is cancelled", async () => {
    const abort = new AbortController();
    let closed: () => void = () => undefined;
    const isClosed = new Promise<void>((resolve) => {
      closed = resolve;
    });
    const { origin } = await server((_request, response) => {
      response.on("close", closed);
      abort.abort();
    });
    const failed = await failureOf(http({ method: "get", uri: origin }, { signal: abort.signal }));
    expect(failed).toMatchObject({ title: "Cancelled", retryable: false });
    await isClosed;
  });
});

describe("call: http, kept connections", () => {
  /** Closes its connection instead of a second answer. */
  async function breaking() {
    const started = await server((_request, response) => {
      if (started.seen.length === 2) response.socket?.destroy();
      else response.end("ok");
    });
    return started;
  }

  async function callTwice(input: { readonly [name: string]: Json }, crash?: CrashClass) {
    const effects = createEffects();
    const { context, dispose } = testContext();
    cleanups.push(dispose, () => effects.close());
    const call = () => effects.handlers.http?.(input, crash === undefined ? context : { ...context, crash });
    expect(await call()).toBe("ok");
    return call();
  }

  test.each([
    ["a read", "get", undefined],
    ["a write that may be seen twice", "post", "repeat"],
  ] as const)("%s is sent again when the kept connection just broke", async (_what, method, crash) => {
    const { origin, seen } = await breaking();
    expect(await callTwice({ method, uri: origin }, crash)).toBe("ok");
    expect(seen).toHaveLength(3);
    expect(seen[2]?.headers["idempotency-key"]).toBe(seen[1]?.headers["idempotency-key"]);
  });

  test.each([
    ["whose outcome must not be doubted", {}, "unknown"],
    ["of unknown class", {}, undefined],
    ["without an idempotency key", { idempotencyKey: false }, "repeat"],
  ] as const)("a write %s gets a connection of its own and is never sent again", async (_what, more, crash) => {
    const { origin, seen } = await breaking();
    await expect(callTwice({ method: "post", uri: origin, ...more }, crash)).rejects.toThrow();
    expect(seen).toHaveLength(2);
    expect(seen.map(({ headers }) => headers.connection)).toEqual(["close", "close"]);
  });
});

function endless(response: import("node:http").ServerResponse): void {
  const chunk = Buffer.alloc(65_536, "x");
  const write = () => {
    while (!response.destroyed && response.write(chunk));
  };
  response.on("drain", write).on("error", () => undefined);
  write();
}

function drip(response: import("node:http").ServerResponse): void {
  const timer = setInterval(() => response.write("."), 20);
  response.on("close", () => clearInterval(timer));
}
