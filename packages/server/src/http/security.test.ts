import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import http2 from "node:http2";
import { dirname, join } from "node:path";
import {
  BlobService,
  ExecutionService,
  ResourceService,
  RunnerService,
  SessionService,
  SystemService,
} from "@stigmer/api";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Health } from "../gen/grpc/health/v1/health_pb.ts";
import { ServerReflection } from "../gen/grpc/reflection/v1/reflection_pb.ts";
import {
  clientOf,
  failureOf,
  plainRequest,
  RUNNER_TOKEN,
  rawConnection,
  startTestServer,
  type TestServer,
} from "../server.testsuite.ts";

const HANDSHAKE = "/stigmer.v1.SystemService/Handshake";
const JSON_TYPE = { "content-type": "application/json" };

let running: TestServer;
beforeAll(async () => {
  running = await startTestServer();
});
afterAll(() => running.close());

const host = () => `127.0.0.1:${running.port}`;
const bearer = () => ({ authorization: `Bearer ${running.token}` });

describe("the port", () => {
  test("GET /healthz is open and says only ok", async () => {
    const answer = await plainRequest(running.port, "/healthz", { method: "GET" });
    expect(answer).toMatchObject({ status: 200, body: "ok\n" });
    expect(answer.headers["access-control-allow-origin"]).toBeUndefined();
  });

  test.each(["127.0.0.1", "localhost", "[::1]"])("serves as %s", async (name) => {
    const headers = { ...JSON_TYPE, ...bearer(), host: `${name}:${running.port}` };
    expect((await plainRequest(running.port, HANDSHAKE, { headers, body: "{}" })).status).toBe(200);
  });

  test.each([
    ["a foreign name", () => "evil.example"],
    ["a foreign name with our port", () => `evil.example:${running.port}`],
    ["a name that begins like ours", () => `localhost.evil.example:${running.port}`],
    ["another port", () => "127.0.0.1:1"],
    ["no port", () => "localhost"],
    ["all interfaces", () => `0.0.0.0:${running.port}`],
  ])("refuses %s as Host with 421", async (_name, value) => {
    for (const path of [HANDSHAKE, "/healthz", "/"]) {
      const method = path === HANDSHAKE ? "POST" : "GET";
      const answer = await plainRequest(running.port, path, {
        method,
        headers: { ...JSON_TYPE, ...bearer(), host: value() },
      });
      expect(answer.status).toBe(421);
      expect(answer.headers["access-control-allow-origin"]).toBeUndefined();
    }
  });

  test("refuses an empty Host", async () => {
    const { closed } = rawConnection(running.port, "GET /healthz HTTP/1.1\r\nHost: \r\nConnection: close\r\n\r\n");
    expect((await closed).toString()).toMatch(/^HTTP\/1\.1 421 /);
  });

  test("refuses a request without Host", async () => {
    const { closed } = rawConnection(running.port, "GET /healthz HTTP/1.0\r\n\r\n");
    expect((await closed).toString()).toMatch(/^HTTP\/1\.1 421 /);
  });

  test.each([
    ["a foreign authority", { ":authority": "evil.example" }, 421],
    ["a Host that differs from the authority", { host: "evil.example" }, 421],
    ["a foreign origin", { origin: "http://evil.example" }, 403],
  ])("refuses %s on HTTP/2", async (_name, headers, status) => {
    const session = http2.connect(`http://${host()}`);
    const stream = session.request({ ":method": "GET", ":path": "/healthz", ...headers });
    const answer = await new Promise<http2.IncomingHttpHeaders>((resolve, reject) => {
      stream.once("response", resolve).once("error", reject);
    });
    session.destroy();
    expect(answer[":status"]).toBe(status);
  });

  test.each([
    ["another site", { origin: "http://evil.example" }],
    ["null", { origin: "null" }],
    ["another port of this machine", { origin: "http://localhost:1" }],
    ["another scheme", { origin: "https://localhost" }],
    ["a cross-site fetch without Origin", { "sec-fetch-site": "cross-site" }],
  ])("refuses %s as Origin with 403, with a right token too", async (_name, headers) => {
    const answer = await plainRequest(running.port, HANDSHAKE, {
      headers: { ...JSON_TYPE, ...bearer(), host: host(), ...headers },
      body: "{}",
    });
    expect(answer.status).toBe(403);
    expect(answer.headers["access-control-allow-origin"]).toBeUndefined();
    expect(JSON.parse(answer.body).code).toBe("permission_denied");
  });

  test("serves our own origin", async () => {
    const headers = { ...JSON_TYPE, ...bearer(), host: host(), origin: `http://${host()}` };
    expect((await plainRequest(running.port, HANDSHAKE, { headers, body: "{}" })).status).toBe(200);
  });

  test("answers a preflight without any CORS header", async () => {
    const headers = { host: host(), origin: "http://evil.example", "access-control-request-method": "POST" };
    const answer = await plainRequest(running.port, HANDSHAKE, { method: "OPTIONS", headers });
    expect(answer.status).toBe(403);
    expect(Object.keys(answer.headers).filter((name) => name.startsWith("access-control"))).toEqual([]);
  });

  test.each([
    "text/plain",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "application/jsonx",
    "",
  ])("refuses content type %j", async (type) => {
    const headers = { ...bearer(), host: host(), ...(type === "" ? {} : { "content-type": type }) };
    expect((await plainRequest(running.port, HANDSHAKE, { headers, body: "{}" })).status).toBe(415);
  });

  test.each([
    ["no token", {}],
    ["a wrong token", { authorization: `Bearer ${"0".repeat(64)}` }],
    ["a part of the token", { authorization: "Bearer" }],
    ["another scheme", { authorization: "Basic Zm9vOmJhcg==" }],
    ["two tokens", { authorization: "Bearer a, Bearer b" }],
  ])("refuses %s on every path", async (_name, headers) => {
    for (const path of [
      HANDSHAKE,
      "/",
      "/grpc.health.v1.Health/Check",
      `${HANDSHAKE}/healthz`,
      "//healthz",
      "/healthz/",
    ]) {
      const answer = await plainRequest(running.port, path, {
        headers: { ...JSON_TYPE, host: host(), ...headers },
        body: "{}",
      });
      expect([path, answer.status]).toEqual([path, 401]);
      expect(JSON.parse(answer.body).code).toBe("unauthenticated");
    }
  });

  test("refuses by every protocol with reason and hint", async () => {
    for (const protocol of ["connect", "connect-json", "connect-h2", "grpc", "grpc-web"] as const) {
      const client = clientOf(SystemService, protocol, { port: running.port, token: "wrong" });
      expect(await failureOf(client.status({}))).toMatchObject({ reason: "UNAUTHENTICATED", code: "unauthenticated" });
    }
  });
});

describe("runner tokens", () => {
  test.each(["port", "socket"] as const)("do not open client services on the %s", async (door) => {
    const reach = door === "port" ? { port: running.port } : { socketPath: running.server.socket };
    const token = RUNNER_TOKEN;
    const refusal = { reason: "CLIENT_TOKEN_REQUIRED", code: "permission_denied" };
    expect(await failureOf(clientOf(SystemService, "connect", { ...reach, token }).status({}))).toMatchObject(refusal);
    expect(await failureOf(clientOf(ResourceService, "connect", { ...reach, token }).list({}))).toMatchObject(refusal);
  });

  test.each(["port", "socket"] as const)("open blobs on the %s", async (door) => {
    const reach = door === "port" ? { port: running.port } : { socketPath: running.server.socket };
    const client = clientOf(BlobService, "connect", { ...reach, token: RUNNER_TOKEN });
    const { digest } = await client.putBlob({ content: Buffer.from("hello") });
    expect(Buffer.from((await client.getBlob({ digest })).content).toString()).toBe("hello");
  });

  test.each([
    ["client token on the port", () => ({ port: running.port, token: running.token })],
    ["no token on the socket", () => ({ socketPath: running.server.socket })],
    ["client token on the socket", () => ({ socketPath: running.server.socket, token: running.token })],
  ])("are needed for RunnerService: %s", async (_name, reach) => {
    const client = clientOf(RunnerService, "connect", reach());
    const call = client.resolveSecrets({ execution: 1n, epoch: 1, names: [] });
    expect(await failureOf(call)).toMatchObject({ reason: "RUNNER_TOKEN_REQUIRED", code: "permission_denied" });
  });

  test("a wrong token is refused on the socket too", async () => {
    const client = clientOf(SystemService, "connect", { socketPath: running.server.socket, token: "wrong" });
    expect(await failureOf(client.status({}))).toMatchObject({ reason: "UNAUTHENTICATED" });
  });
});

describe("every method of every service", () => {
  const services = [
    ResourceService,
    ExecutionService,
    SessionService,
    BlobService,
    RunnerService,
    SystemService,
    Health,
    ServerReflection,
  ];
  const paths = services.flatMap((service) => service.methods.map((method) => `/${service.typeName}/${method.name}`));

  test.each(paths)("%s lets in exactly whom it should", async (path) => {
    const status = async (authorization?: string) => {
      const headers = {
        "content-type": "application/proto",
        host: host(),
        ...(authorization ? { authorization } : {}),
      };
      return (await plainRequest(running.port, path, { headers, body: "" })).status;
    };
    const isForRunners = path.startsWith("/stigmer.v1.RunnerService/");
    const isForBoth = path.startsWith("/stigmer.v1.BlobService/");
    expect(await status()).toBe(401);
    expect((await status(`Bearer ${running.token}`)) === 403).toBe(isForRunners);
    expect((await status(`Bearer ${RUNNER_TOKEN}`)) === 403).toBe(!isForRunners && !isForBoth);
  });

  test.each([
    "/stigmer.v1.runnerservice/Work",
    "/x/stigmer.v1.RunnerService/Work",
    "/stigmer.v1.RunnerService%2fWork",
    "/stigmer.v1.BlobServiceX/PutBlob",
  ])("a runner gets nothing by the look-alike %s", async (path) => {
    const headers = { ...JSON_TYPE, host: host(), authorization: `Bearer ${RUNNER_TOKEN}` };
    expect((await plainRequest(running.port, path, { headers, body: "{}" })).status).toBe(403);
  });
});

describe("bounds", () => {
  test("a message above 16 MB is refused before it is read", async () => {
    const headers = { ...JSON_TYPE, ...bearer(), host: host(), "content-length": 17 * 1024 * 1024 };
    const { closed } = rawConnection(
      running.port,
      `POST ${HANDSHAKE} HTTP/1.1\r\n${Object.entries(headers)
        .map(([k, v]) => `${k}: ${v}\r\n`)
        .join("")}\r\n`,
    );
    const answer = (await closed).toString();
    expect(answer).toMatch(/^HTTP\/1\.1 413 /);
    expect(answer).toContain("resource_exhausted");
  });

  test("a message above 16 MB is refused when its size was not said", async () => {
    const body = JSON.stringify({ content: Buffer.alloc(13 * 1024 * 1024).toString("base64") });
    const headers = { ...JSON_TYPE, ...bearer(), host: host(), "transfer-encoding": "chunked" };
    const answer = await plainRequest(running.port, "/stigmer.v1.BlobService/PutBlob", { headers, body });
    expect(answer.status).toBe(429);
    expect(JSON.parse(answer.body).code).toBe("resource_exhausted");
  });

  test.each([
    ["nothing", ""],
    ["one byte", "P"],
    ["two bytes of the preface", "PR"],
    ["a cut preface", "PRI * HTTP/2.0\r\n"],
    ["a cut header", "GET /healthz HTTP/1.1\r\nHost: loc"],
    ["a header that never ends", `GET / HTTP/1.1\r\n${"x: y\r\n".repeat(100)}`],
    ["random bytes", "\x00\xff\x03\x11PRI\xc8\x01"],
    ["a preface with junk behind", `PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n${"\xee".repeat(60)}`],
    ["a TLS hello", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"],
  ])("the server goes on serving beside a connection that sent %s", async (_name, bytes) => {
    const half = Array.from({ length: 20 }, () => rawConnection(running.port, Buffer.from(bytes, "latin1")));
    expect((await plainRequest(running.port, "/healthz", { method: "GET" })).status).toBe(200);
    for (const { socket } of half) socket.destroy();
    await Promise.all(half.map(({ closed }) => closed));
    expect((await plainRequest(running.port, "/healthz", { method: "GET" })).status).toBe(200);
  });

  test("headers above 16 KB are refused", async () => {
    const { closed } = rawConnection(
      running.port,
      `GET /healthz HTTP/1.1\r\nHost: ${host()}\r\nx: ${"y".repeat(20_000)}\r\n\r\n`,
    );
    expect((await closed).toString()).toMatch(/^HTTP\/1\.1 431 /);
  });
});

describe("files of the home", () => {
  test("token, key and socket are for this user alone", () => {
    const { paths } = running.environment;
    for (const file of [paths.clientToken, paths.secretKey, paths.socket]) {
      expect(existsSync(file)).toBe(true);
      expect((statSync(file).mode & 0o777).toString(8)).toBe("600");
    }
    for (const folder of [dirname(paths.socket), paths.auth, paths.data]) {
      expect((statSync(folder).mode & 0o077).toString(8)).toBe("0");
    }
  });

  test("no token stands in the log or the data", () => {
    expect(running.logs.join("")).not.toContain(running.token);
    const { data } = running.environment.paths;
    for (const name of readdirSync(data).filter((one) => one.includes("stigmer.db"))) {
      expect(readFileSync(join(data, name)).includes(running.token)).toBe(false);
    }
  });
});
