import type { Json } from "@stigmer/durable";
import { afterEach, describe, expect, test } from "vitest";
import { failureOf, startServer, testContext } from "../effects.testsuite.ts";
import { createEffects } from "../effects.ts";

const cleanups: (() => void | Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

/** A server that serves `document` at /docs/api and answers everything else with what it saw. */
async function service(document: (origin: string) => Json | string) {
  const made = { origin: "" };
  const server = await startServer((request, response) => {
    if (request.path === "/docs/api") {
      if (request.headers.authorization === "Basic bm86bm8=") return response.writeHead(401).end();
      const text = document(made.origin);
      return response.end(typeof text === "string" ? text : JSON.stringify(text));
    }
    if (request.path.startsWith("/missing")) return response.writeHead(404).end();
    const { method, path, body } = request;
    response.setHeader("content-type", "application/json");
    return response.end(JSON.stringify({ method, path, body }));
  });
  made.origin = server.origin;
  cleanups.push(() => server.close());
  const { context, dispose } = testContext({ password: "geheim" });
  const effects = createEffects();
  cleanups.push(dispose, () => effects.close());
  const call = (operationId: string, parameters: Json = {}, more: { readonly [name: string]: Json } = {}) => {
    const handler = effects.handlers.openapi;
    if (!handler) throw new Error("no openapi effect");
    return handler({ document: { endpoint: `${server.origin}/docs/api` }, operationId, parameters, ...more }, context);
  };
  const asked = () => server.seen.filter(({ path }) => path !== "/docs/api");
  return { ...server, call, asked, fetches: () => server.seen.length - asked().length };
}

const swagger =
  (more: { readonly [name: string]: Json } = {}) =>
  (origin: string) => ({
    swagger: "2.0",
    host: new URL(origin).host,
    basePath: "/v2",
    schemes: ["http"],
    paths: {
      "/pet/findByStatus": {
        get: {
          operationId: "find",
          parameters: [
            { name: "status", in: "query", required: true, type: "array", collectionFormat: "multi" },
            { name: "tags", in: "query", type: "array" },
            { name: "X-Key", in: "header", type: "string" },
          ],
        },
      },
      "/pet/{petId}": {
        parameters: [{ $ref: "#/parameters/PetId" }],
        get: { operationId: "get" },
        post: {
          operationId: "form",
          consumes: ["application/x-www-form-urlencoded"],
          parameters: [
            { name: "name", in: "formData", required: true, type: "string" },
            { name: "status", in: "formData", type: "string" },
          ],
        },
      },
      "/pet": { post: { operationId: "add", parameters: [{ in: "body", name: "pet", required: true }] } },
      "/upload": { post: { operationId: "upload", parameters: [{ in: "formData", name: "file", type: "file" }] } },
    },
    parameters: { PetId: { name: "petId", in: "path", required: true, type: "integer" } },
    ...more,
  });

describe("call: openapi with Swagger 2.0", () => {
  test.each<[string, string, Json, Json]>([
    ["query", "find", { status: ["a", "b c"] }, { method: "GET", path: "/v2/pet/findByStatus?status=a&status=b%20c" }],
    ["joined query", "find", { status: "a", tags: [1, 2] }, { path: "/v2/pet/findByStatus?status=a&tags=1%2C2" }],
    ["path", "get", { petId: 7 }, { method: "GET", path: "/v2/pet/7" }],
    ["encoded path", "get", { petId: "a/b?c" }, { path: "/v2/pet/a%2Fb%3Fc" }],
    ["form", "form", { petId: 1, name: "x y" }, { path: "/v2/pet/1", body: "name=x+y" }],
    ["named body", "add", { pet: { id: 1 } }, { method: "POST", path: "/v2/pet", body: '{"id":1}' }],
    ["body of the other parameters", "add", { id: 1, name: "m" }, { body: '{"id":1,"name":"m"}' }],
  ])("puts parameters where they belong: %s", async (_name, operationId, parameters, seen) => {
    const { call } = await service(swagger());
    expect(await call(operationId, parameters)).toMatchObject(seen as object);
  });

  test("sends headers, and files as multipart", async () => {
    const { call, asked } = await service(swagger());
    await call("find", { status: "a", "X-Key": "k" });
    await call("upload", { file: "content of it" });
    const [find, upload] = asked();
    expect(find?.headers["x-key"]).toBe("k");
    expect(upload?.headers["content-type"]).toMatch(/^multipart\/form-data; boundary=/);
    expect(upload?.body).toContain('name="file"\r\n\r\ncontent of it\r\n--');
  });

  test("takes scheme and host from where the document came, when it names none", async () => {
    const { call } = await service((origin) => {
      const { host, schemes, ...rest } = swagger()(origin);
      return { ...rest, basePath: "/" };
    });
    expect(await call("get", { petId: 1 })).toMatchObject({ path: "/pet/1" });
  });

  test("gives the whole response, or its bytes", async () => {
    const { call, origin } = await service(swagger());
    expect(await call("get", { petId: 1 }, { output: "response" })).toMatchObject({
      request: { method: "GET", uri: `${origin}/v2/pet/1` },
      statusCode: 200,
      content: { path: "/v2/pet/1" },
    });
    const raw = await call("get", { petId: 1 }, { output: "raw" });
    expect(Buffer.from(String(raw), "base64").toString()).toContain("/v2/pet/1");
  });

  test("rewrites the document's address and the host inside it", async () => {
    const { origin, call, asked } = await service((real) =>
      swagger({ host: "pets.example", schemes: ["https", "http"] })(real),
    );
    const rewrite = [
      { from: "https://docs.example", to: origin },
      { from: "https://pets.example", to: origin },
    ];
    const document = { endpoint: { uri: "https://docs.example/docs/api" } };
    expect(await call("get", { petId: 2 }, { document, rewrite, output: "response" })).toMatchObject({
      request: { uri: "https://pets.example/v2/pet/2" },
    });
    expect(asked()[0]?.path).toBe("/v2/pet/2");
  });
});

const YAML = `
openapi: 3.1.0
servers:
  - url: '{base}/v1'
    variables: { base: { default: /api, enum: [/api] } }
paths:
  /things/{id}/{path}:
    get:
      operationId: read
      parameters:
        - { name: id, in: path, required: true }
        - { name: path, in: path, required: true, style: matrix }
        - { name: tags, in: query }
        - { name: ids, in: query, explode: false }
        - { name: pipes, in: query, style: pipeDelimited }
        - { name: filter, in: query, style: deepObject }
        - { name: spread, in: query }
        - { name: json, in: query, content: { application/json: {} } }
        - { name: session, in: cookie }
        - { name: X-List, in: header }
    parameters:
      - { name: id, in: path, required: true }
  /things:
    post:
      operationId: write
      requestBody: { $ref: '#/components/requestBodies/Thing' }
    put:
      operationId: text
      requestBody: { content: { text/plain: {} } }
    delete:
      operationId: form
      servers: [ { url: 'http://other.example' } ]
      requestBody: { content: { application/x-www-form-urlencoded: {} } }
components:
  requestBodies:
    Thing: { required: true, content: { application/xml: {}, application/json: {} } }
`;

describe("call: openapi with OpenAPI 3 in YAML", () => {
  test("writes every style", async () => {
    const { call, asked } = await service(() => YAML);
    await call("read", {
      id: "a b",
      path: [1, 2],
      tags: ["x", "y"],
      ids: [1, 2],
      pipes: ["p", "q"],
      filter: { a: 1, b: { c: 2 } },
      spread: { r: 1 },
      json: { deep: [1] },
      session: "s;1",
      "X-List": ["h", "i"],
    });
    const [seen] = asked();
    expect(decodeURIComponent(seen?.path ?? "")).toBe(
      '/api/v1/things/a b/;path=1,2?tags=x&tags=y&ids=1,2&pipes=p|q&filter[a]=1&filter[b]={"c":2}&r=1&json={"deep":[1]}',
    );
    expect(seen?.headers).toMatchObject({ cookie: "session=s%3B1", "x-list": "h,i" });
  });

  test.each<[string, Json, string, string]>([
    ["write", { body: [1, 2] }, "application/json", "[1,2]"],
    ["write", { body: "text" }, "application/json", '"text"'],
    ["write", { a: 1 }, "application/json", '{"a":1}'],
    ["text", { body: "plain" }, "text/plain", "plain"],
  ])("sends the body of %s %o as %s", async (operationId, parameters, type, body) => {
    const { call, asked } = await service(() => YAML);
    await call(operationId, parameters);
    expect(asked()[0]).toMatchObject({ body, headers: { "content-type": type } });
  });

  test("takes an operation's own server, and a document given inline", async () => {
    const { call, origin, asked } = await service(() => "");
    const rewrite = [{ from: "http://other.example", to: origin }];
    await call("form", { a: "1" }, { document: { content: YAML }, rewrite });
    expect(asked()[0]).toMatchObject({ path: "/things", body: "a=1" });
  });
});

describe("call: openapi, documents", () => {
  test("fetches a document once, and again for another authentication", async () => {
    const { call, fetches, origin } = await service(swagger());
    const signed = (password: Json) => ({
      document: { endpoint: { uri: `${origin}/docs/api`, authentication: { basic: { username: "no", password } } } },
    });
    await call("get", { petId: 1 });
    await call("get", { petId: 2 });
    expect(fetches()).toBe(1);
    await call("get", { petId: 1 }, signed("other"));
    expect(fetches()).toBe(2);
    expect((await failureOf(call("get", { petId: 1 }, signed("no")))).status).toBe(401);
  });

  test.each<[string, () => Json | string, string, Json, string]>([
    ["no document", () => "<html>", "get", {}, "no JSON or YAML map"],
    [
      "another kind",
      () => ({ asyncapi: "3.0.0", paths: { "/": { get: { operationId: "get" } } } }),
      "get",
      {},
      "neither openapi",
    ],
    ["unknown operation", () => swagger()("http://a"), "delete", {}, "it has find, get"],
    ["missing parameter", () => swagger()("http://a"), "get", {}, 'needs parameter "petId"'],
    [
      "unknown parameter",
      () => swagger()("http://a"),
      "get",
      { petId: 1, constructor: 2 },
      'no parameter "constructor"',
    ],
    ["unknown field", () => swagger()("http://a"), "form", { petId: 1, name: "a", other: 2 }, 'no parameter "other"'],
    ["step up in a path", () => swagger()("http://a"), "get", { petId: ".." }, "in a path"],
    ["missing body", () => YAML, "write", {}, "needs a body"],
    [
      "reference in a circle",
      () => swagger({ parameters: { PetId: { $ref: "#/parameters/PetId" } } })("http://a"),
      "get",
      {},
      "circle",
    ],
    [
      "reference to another file",
      () => swagger({ parameters: { PetId: { $ref: "other.yaml#/x" } } })("http://a"),
      "get",
      {},
      "leads nowhere",
    ],
    ["no http scheme", () => swagger({ schemes: ["ws"] })("http://a"), "get", { petId: 1 }, "no http scheme"],
  ])("refuses %s", async (_name, document, operationId, parameters, detail) => {
    const { call } = await service(document);
    const failed = await failureOf(call(operationId, parameters));
    expect(failed).toMatchObject({
      type: expect.stringContaining("configuration"),
      detail: expect.stringContaining(detail),
    });
  });

  test("reports the service's status", async () => {
    const { call } = await service(swagger({ basePath: "/missing" }));
    expect(await failureOf(call("get", { petId: 1 }))).toMatchObject({
      type: expect.stringContaining("communication"),
      status: 404,
    });
  });
});

describe("resource", () => {
  const fetched = (input: Json) => {
    const { context, dispose } = testContext();
    const effects = createEffects();
    cleanups.push(dispose, () => effects.close());
    const handler = effects.handlers.resource;
    if (!handler) throw new Error("no resource effect");
    return handler(input, context);
  };

  test("gives text or data", async () => {
    const { origin } = await service(() => "a: [1, 2]\n");
    expect(await fetched({ endpoint: `${origin}/docs/api` })).toBe("a: [1, 2]\n");
    expect(await fetched({ endpoint: { uri: `${origin}/docs/api` }, as: "data" })).toEqual({ a: [1, 2] });
    const rewrite = [{ from: "https://x.example", to: origin }];
    expect(await fetched({ uri: "https://x.example/docs/api", as: "data", rewrite })).toEqual({ a: [1, 2] });
  });

  test("fetches a function of a catalog", async () => {
    const server = await startServer((request, response) => response.end(`path: ${request.path}`));
    cleanups.push(() => server.close());
    const rewrite = [{ from: "https://raw.githubusercontent.com", to: server.origin }];
    const endpoint = "https://github.com/o/r/tree/main";
    expect(await fetched({ endpoint, function: { name: "log", version: "1.0.0" }, as: "data", rewrite })).toEqual({
      path: "/o/r/refs/heads/main/functions/log/1.0.0/function.yaml",
    });
  });

  test.each<[string, Json, string]>([
    ["files", { endpoint: "file:///etc/passwd" }, "a runner reads none"],
    ["relative addresses", { endpoint: "docs/api" }, "absolute"],
    ["nothing", {}, "absolute"],
  ])("refuses %s", async (_name, input, detail) => {
    const failed = await failureOf(fetched(input));
    expect(failed).toMatchObject({
      type: expect.stringContaining("configuration"),
      detail: expect.stringContaining(detail),
    });
  });
});
