import http2 from "node:http2";
import type { AddressInfo } from "node:net";
import { create, type DescService, fromJson, type JsonObject as ProtoJson, toJson } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import { connectNodeAdapter } from "@connectrpc/connect-node";
import type { Json } from "@stigmer/durable";
import { afterEach, describe, expect, test } from "vitest";
import { failureOf, testContext } from "../effects.testsuite.ts";
import { createEffects, type EffectsOptions } from "../effects.ts";
import { readProto } from "./proto-registry.ts";

const cleanups: (() => void | Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

const PROTO = `
/* syntax = "proto2" is not what this is */
syntax = "proto3";
package greet.v1;
import "google/protobuf/timestamp.proto";
import "google/protobuf/struct.proto";
import "google/protobuf/wrappers.proto";

message HelloRequest {
  message Inner { double d = 1; bytes raw = 2; Kind kind = 3; }
  string user_name = 1;
  Kind kind = 2;
  repeated int32 numbers = 3;
  map<string, Inner> my_map = 4;
  map<int32, Kind> kinds = 10;
  oneof choice { string text = 5; int64 big = 6; }
  optional string opt = 7;
  google.protobuf.Timestamp at = 8;
  google.protobuf.Struct data = 9;
  google.protobuf.StringValue wrapped = 11;
  Kind.Deep deep = 12;
}
enum Plain { PLAIN_ZERO = 0; }
message Kind { message Deep { Plain plain = 1; } string name = 1; }
message HelloReply { string greeting = 1; HelloRequest back = 2; string token = 3; }

service Greeter {
  rpc SayHello (HelloRequest) returns (HelloReply);
  rpc Many (HelloRequest) returns (stream HelloReply);
  rpc Hang (HelloRequest) returns (HelloReply);
}
`;

type Reply = Record<string, unknown>;

/** A real gRPC server; a user name such as `Code.NotFound` is answered by that status. */
async function greeter() {
  const service = [...readProto(PROTO)].find((entry): entry is DescService => entry.kind === "service");
  if (service === undefined) throw new Error("no service");
  const { sayHello, many } = service.method;
  if (sayHello === undefined || many === undefined) throw new Error("no method");
  const answer = (request: Reply, token: string | null) => {
    const back = toJson(sayHello.input, request as never) as ProtoJson;
    const name = String(request.user_name ?? request.userName);
    const code = Object.entries(Code).find(([key]) => name === `Code.${key}`)?.[1];
    if (typeof code === "number") throw new ConnectError("as you wish", code);
    return fromJson(sayHello.output, { greeting: `Hello ${name}`, back, token: token ?? "" });
  };
  const server = http2.createServer(
    connectNodeAdapter({
      routes: (router) => {
        router.service(service, {
          sayHello: (request: Reply, context: { requestHeader: Headers }) =>
            answer(request, context.requestHeader.get("authorization")),
          async *many(request: Reply) {
            for (let count = 0; count < 3; count++) yield answer(request, String(count));
          },
          hang: (_request: Reply, context: { signal: AbortSignal }) =>
            new Promise((resolve) => context.signal.addEventListener("abort", () => resolve(create(sayHello.output)))),
        } as never);
      },
    }),
  );
  const sessions = new Set<http2.ServerHttp2Session>();
  server.on("session", (session) => sessions.add(session));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  cleanups.push(
    () =>
      new Promise<void>((resolve) => {
        for (const session of sessions) session.destroy();
        server.close(() => resolve());
      }),
  );
  return (server.address() as AddressInfo).port;
}

function grpc(
  input: Json,
  more: { secrets?: Record<string, Json>; signal?: AbortSignal; options?: EffectsOptions } = {},
) {
  const { context, dispose } = testContext(more.secrets, more.signal);
  const effects = createEffects(more.options);
  cleanups.push(dispose, () => effects.close());
  const handler = effects.handlers.grpc;
  if (!handler) throw new Error("no grpc effect");
  return handler(input, context);
}

const order = (port: number, more: { readonly [name: string]: Json } = {}) => ({
  proto: { content: PROTO },
  service: { name: "greet.v1.Greeter", host: "127.0.0.1", port },
  method: "SayHello",
  ...more,
});

describe("call: grpc", () => {
  test("sends every kind of field and gives the reply as JSON", async () => {
    const port = await greeter();
    const args = {
      userName: "Milou",
      kind: { name: "dog" },
      numbers: [1, 2],
      myMap: { a: { d: 1.5, raw: "aGk=", kind: { name: "k" } } },
      kinds: { 7: { name: "seven" } },
      big: "9007199254740993",
      opt: "",
      at: "2026-01-02T03:04:05Z",
      data: { list: [1, null, { x: true }] },
      wrapped: "w",
      deep: { plain: "PLAIN_ZERO" },
    };
    const { deep, ...others } = args;
    expect(deep).toBeDefined();
    expect(await grpc(order(port, { arguments: args }))).toEqual({
      greeting: "Hello Milou",
      back: { ...others, deep: {} },
    });
  });

  test("gives a list where the method streams, and takes names as the proto writes them", async () => {
    const port = await greeter();
    const replies = await grpc(order(port, { method: "Many", arguments: { user_name: "x" } }));
    expect(replies).toMatchObject([{ token: "0" }, { token: "1" }, { token: "2" }]);
  });

  test("signs in and reaches the service through the rewrite", async () => {
    const port = await greeter();
    const authentication = {
      bearer: { token: { $deferred: { expression: "$secrets.t", input: null, variables: {} } } },
    };
    const service = { name: "Greeter", host: "grpc.example", authentication };
    const rewrite = [{ from: "https://grpc.example", to: `http://127.0.0.1:${port}` }];
    const reply = await grpc(order(port, { service, rewrite, arguments: {} }), { secrets: { t: "top" } });
    expect(reply).toMatchObject({ token: "Bearer top" });
  });

  test.each([
    ["NotFound", "communication", 404],
    ["InvalidArgument", "communication", 400],
    ["Unauthenticated", "authentication", 401],
    ["PermissionDenied", "authorization", 403],
    ["DeadlineExceeded", "timeout", 408],
    ["ResourceExhausted", "communication", 429],
  ])("status %s is a %s error", async (status, type, expected) => {
    const port = await greeter();
    for (const method of ["SayHello", "Many"]) {
      const failed = await failureOf(grpc(order(port, { method, arguments: { userName: `Code.${status}` } })));
      expect(failed).toMatchObject({ status: expected, type: expect.stringContaining(type) });
      expect(failed.detail).toContain("as you wish");
    }
  });

  test("ends with its signal, and with its time", async () => {
    const port = await greeter();
    const abort = new AbortController();
    const running = failureOf(grpc(order(port, { method: "Hang" }), { signal: abort.signal }));
    abort.abort();
    expect(await running).toMatchObject({ title: "Cancelled" });
    const late = await failureOf(grpc(order(port, { method: "Hang" }), { options: { httpLimits: { totalMs: 200 } } }));
    expect(late.type).toContain("timeout");
  });

  test.each<[string, { readonly [name: string]: Json }, string, string]>([
    [
      "an unknown service",
      { service: { name: "Nope", host: "a", port: 1 } },
      "configuration",
      "it has greet.v1.Greeter",
    ],
    ["an unknown method", { method: "Nope" }, "configuration", "it has SayHello, Many, Hang"],
    ["wrong arguments", { arguments: { userName: 1 } }, "configuration", "arguments do not fit"],
    ["unknown arguments", { arguments: { nope: 1 } }, "configuration", "arguments do not fit"],
    ["a broken proto", { proto: { content: 'syntax = "proto3"; message {' } }, "configuration", "Cannot use the proto"],
    [
      "a missing type",
      { proto: { content: 'syntax = "proto3"; message A { B b = 1; }' } },
      "configuration",
      "Cannot use the proto",
    ],
    [
      "an import",
      { proto: { content: 'syntax = "proto3"; import "other.proto"; message A {}' } },
      "configuration",
      "other.proto",
    ],
    [
      "a host that is a path",
      { service: { name: "Greeter", host: "a/b", port: 1 } },
      "configuration",
      "no host and port",
    ],
    [
      "digest",
      { service: { name: "Greeter", host: "a", port: 1, authentication: { digest: {} } } },
      "configuration",
      "digest",
    ],
    [
      "a metadata service",
      { service: { name: "Greeter", host: "169.254.169.254", port: 80 } },
      "authorization",
      "refused always",
    ],
    ["a closed port", { service: { name: "Greeter", host: "127.0.0.1", port: 1 } }, "communication", "UNAVAILABLE"],
  ])("refuses %s", async (_name, more, type, detail) => {
    const failed = await failureOf(grpc(order(1, more)));
    expect(failed).toMatchObject({ type: expect.stringContaining(type), detail: expect.stringContaining(detail) });
  });

  test("reads proto2 with its groups, defaults and extensions", () => {
    const registry = readProto(`
      syntax = "proto2";
      message A { required string a = 1 [default = "x"]; optional B b = 2; extensions 100 to 199; }
      message B { enum E { ONE = 1; } optional E e = 1; }
      extend A { optional int32 more = 126; }
      service S { rpc M (A) returns (B); }
    `);
    expect(registry.getService("S")?.methods[0]?.output.typeName).toBe("B");
    expect(registry.getMessage("A")?.fields.map(({ name }) => name)).toEqual(["a", "b"]);
  });
});
