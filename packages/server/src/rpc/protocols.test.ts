import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { ExecutionService, ResourceService, SystemService } from "@stigmer/api";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Health, HealthCheckResponse_ServingStatus as Status } from "../gen/grpc/health/v1/health_pb.ts";
import { clientOf, failureOf, plainRequest, startTestServer, type TestServer } from "../server.testsuite.ts";

const run = promisify(execFile);
const ROOT = join(import.meta.dirname, "../../../..");

let running: TestServer;
beforeAll(async () => {
  running = await startTestServer();
});
afterAll(() => running.close());

const PROTOCOLS = ["connect", "connect-json", "connect-h2", "grpc", "grpc-web"] as const;

describe.each(PROTOCOLS)("%s on the port", (protocol) => {
  const reach = () => ({ port: running.port, token: running.token });

  test("answers calls", async () => {
    const answer = await clientOf(SystemService, protocol, reach()).handshake({ apiMajor: 1 });
    expect(answer).toMatchObject({ compatible: true, apiMajor: 1 });
    expect((await clientOf(SystemService, protocol, reach()).handshake({ apiMajor: 2 })).compatible).toBe(false);
  });

  test("carries reason, hint and findings of an error", async () => {
    const failure = await failureOf(clientOf(ResourceService, protocol, reach()).apply({ source: "a: [" }));
    expect(failure).toMatchObject({ reason: "INVALID_DEFINITION", code: "invalid_argument" });
    expect(failure.details.findings?.[0]).toMatchObject({ line: 1, severity: "error" });
    expect(failure.hint).not.toBe("");
  });

  test("streams, and ends a stream with an error", async () => {
    const client = clientOf(ExecutionService, protocol, reach());
    const read = async () => {
      for await (const _ of client.watch({ id: "wex_01ARYZ6S410000000000000000" }))
        throw new Error("unexpected message");
    };
    expect((await failureOf(read())).reason).toBe("EXECUTION_NOT_FOUND");
  });
});

describe("buf curl", () => {
  const curl = (...args: readonly string[]) =>
    run(
      join(ROOT, "node_modules/.bin/buf"),
      [
        "curl",
        "--http2-prior-knowledge",
        "-H",
        `Authorization: Bearer ${running.token}`,
        "--protocol",
        "grpc",
        ...args,
      ],
      { timeout: 15_000 },
    );
  const url = (path = "") => `http://127.0.0.1:${running.port}${path}`;

  test.each(["grpc-v1", "grpc-v1alpha"])("lists all services by %s reflection", async (reflect) => {
    const { stdout } = await curl(
      "--reflect-protocol",
      reflect,
      "--reflect-header",
      `Authorization: Bearer ${running.token}`,
      "--list-methods",
      url(),
    );
    for (const method of [
      "ResourceService/Apply",
      "ExecutionService/Watch",
      "SessionService/ListMessages",
      "BlobService/PutBlob",
      "RunnerService/Work",
      "SystemService/Backup",
    ]) {
      expect(stdout).toContain(`stigmer.v1.${method}`);
    }
    expect(stdout).toContain("grpc.health.v1.Health/Check");
  });

  test("calls by reflection alone", async () => {
    const { stdout } = await curl(
      "--reflect-header",
      `Authorization: Bearer ${running.token}`,
      "-d",
      '{"apiMajor": 1}',
      url("/stigmer.v1.SystemService/Handshake"),
    );
    expect(JSON.parse(stdout)).toMatchObject({ compatible: true });
  });
});

describe("health", () => {
  test("tells what serves", async () => {
    const client = clientOf(Health, "grpc", { port: running.port, token: running.token });
    expect((await client.check({})).status).toBe(Status.SERVING);
    expect((await client.check({ service: "stigmer.v1.ExecutionService" })).status).toBe(Status.SERVING);
    expect((await failureOf(client.check({ service: "nobody" }))).code).toBe("not_found");
  });
});

describe("plain HTTP", () => {
  test("an unknown path, method and broken JSON are answered in form", async () => {
    const headers = {
      "content-type": "application/json",
      authorization: `Bearer ${running.token}`,
      host: `127.0.0.1:${running.port}`,
    };
    const answer = (path: string, body: string) => plainRequest(running.port, path, { headers, body });
    expect((await answer("/stigmer.v1.SystemService/Nothing", "{}")).status).toBe(404);
    expect((await answer("/", "{}")).status).toBe(404);
    const broken = await answer("/stigmer.v1.SystemService/Handshake", '{"apiMajor":');
    expect(broken.status).toBe(400);
    expect(JSON.parse(broken.body).code).toBe("invalid_argument");
    expect((await answer("/stigmer.v1.SystemService/Handshake", "\u0000\u0001")).status).toBe(400);
  });
});
