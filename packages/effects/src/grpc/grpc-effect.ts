import {
  type create,
  type DescMethod,
  type DescService,
  type FileRegistry,
  fromJson,
  type JsonObject as ProtoJson,
  toJson,
} from "@bufbuild/protobuf";
import type { Transport } from "@connectrpc/connect";
import type { Json } from "@stigmer/durable";
import { DurableFailure } from "@stigmer/durable";
import { failure } from "../fail.ts";
import { checkHost } from "../http/address-guard.ts";
import { authorize, type HttpScope } from "../http/request-http.ts";
import { readRewrite, rewriteOrigin } from "../http/rewrite.ts";
import { asText, InputReader, type JsonObject } from "../read-input.ts";
import { readExternalResource } from "../resources/external-resource.ts";
import { fetchText } from "../resources/fetch-resource.ts";
import { toGrpcFailure } from "./grpc-failure.ts";
import { openGrpcTransport } from "./grpc-transport.ts";
import { readProto } from "./proto-registry.ts";

/**
 * Does a `grpc` effect: `{proto, service: {name, host, port?, tls?, authentication?}, method, arguments?, rewrite?}`.
 * Gives the reply as JSON, a list of all replies where the method streams them. Without `tls`, port 443 (also the
 * port when there is none) speaks TLS and every other port does not.
 *
 * @throws {DurableFailure} `configuration` for what does not fit the proto; `authentication`, `authorization`,
 *   `timeout` and `communication` by the status of the call
 */
export async function callGrpc(input: Json, scope: HttpScope): Promise<Json> {
  const reader = new InputReader("call: grpc", input);
  const rewrite = reader.list("rewrite");
  const resource = readExternalResource("call: grpc: proto", reader.value("proto"));
  const service = new InputReader("call: grpc: service", reader.map("service"));
  const registry = readProto(await fetchText({ resource, rewrite, scope }));
  const method = findMethod(registry, service.text("name"), reader.text("method"));
  const message = toMessage(method, reader.map("arguments"), registry);
  const named = readAddress(service);
  const url = rewriteOrigin(named, readRewrite(rewrite));
  const authorization = await authorize(service.map("authentication"), rewrite, scope);
  const host = await checkHost(url, scope.options.addresses, scope.options.resolveHost);
  const { transport, close } = openGrpcTransport({ url, host, limits: scope.options.limits });
  const where = `${method.parent.typeName}/${method.name} at ${named.host}`;
  try {
    return await call({ method, message, registry, headers: authorization.headers, transport, scope });
  } catch (error) {
    if (error instanceof DurableFailure) throw error;
    const failed = toGrpcFailure(error, where, scope.context.signal);
    if (failed.failure.status === 401) authorization.forget();
    throw failed;
  } finally {
    close();
  }
}

function readAddress(service: InputReader): URL {
  const host = service.text("host");
  const given = service.value("port");
  const port = given === undefined || given === null ? 443 : Number(given);
  const isTls = service.value("tls") === undefined ? port === 443 : service.flag("tls");
  // A host is a name or an address, never a piece of a URL.
  const url = /[/?#@\s\\]/.test(host) ? null : URL.parse(`${isTls ? "https" : "http"}://${bracketed(host)}:${port}`);
  if (url !== null && url.hostname !== "" && Number.isInteger(port) && port > 0) return url;
  throw failure("configuration", {
    detail: `Cannot do "call: grpc": "${host}:${port}" is no host and port`,
    retryable: false,
  });
}

function bracketed(host: string): string {
  return host.includes(":") && !host.startsWith("[") ? `[${host}]` : host;
}

function findMethod(registry: FileRegistry, serviceName: string, methodName: string): DescMethod {
  const services = [...registry].filter((entry): entry is DescService => entry.kind === "service");
  const byName = services.filter(({ typeName, name }) => typeName === serviceName || name === serviceName);
  const service = services.find(({ typeName }) => typeName === serviceName) ?? byName[0];
  if (service === undefined)
    throw unknown(
      "service",
      serviceName,
      services.map(({ typeName }) => typeName),
    );
  const method = service.methods.find(({ name, localName }) => name === methodName || localName === methodName);
  if (method !== undefined) return method;
  throw unknown(
    "method",
    methodName,
    service.methods.map(({ name }) => name),
  );
}

function unknown(what: string, name: string, known: readonly string[]) {
  const detail = `Cannot do "call: grpc": the proto has no ${what} "${name}"; it has ${known.join(", ") || "none"}`;
  return failure("configuration", { detail, retryable: false });
}

function toMessage(method: DescMethod, args: JsonObject, registry: FileRegistry) {
  try {
    return fromJson(method.input, args as ProtoJson, { registry });
  } catch (error) {
    const why = error instanceof Error ? error.message : asText(String(error));
    throw failure("configuration", {
      detail: `Cannot do "call: grpc": arguments do not fit: ${why}`,
      retryable: false,
    });
  }
}

interface Call {
  readonly method: DescMethod;
  readonly message: ReturnType<typeof create>;
  readonly registry: FileRegistry;
  readonly headers: Readonly<Record<string, string>>;
  readonly transport: Transport;
  readonly scope: HttpScope;
}

async function call({ method, message, registry, headers, transport, scope }: Call): Promise<Json> {
  const { limits } = scope.options;
  const toReply = (reply: ReturnType<typeof create>) => toJson(method.output, reply, { registry }) as Json;
  const isStream = method.methodKind === "server_streaming" || method.methodKind === "bidi_streaming";
  if (method.methodKind === "unary") {
    const { signal } = scope.context;
    return toReply((await transport.unary(method as never, signal, limits.totalMs, headers, message)).message);
  }
  const { message: replies } = await transport.stream(
    method as never,
    scope.context.signal,
    limits.totalMs,
    headers,
    one(message),
  );
  const collected: Json[] = [];
  let sizeBytes = 0;
  for await (const reply of replies) {
    const value = toReply(reply);
    sizeBytes += JSON.stringify(value).length;
    if (sizeBytes > limits.maxContentBytes) {
      throw failure("communication", {
        detail: `${method.name} streamed more than ${limits.maxContentBytes} bytes`,
        retryable: false,
      });
    }
    collected.push(value);
  }
  return isStream ? collected : (collected[0] ?? null);
}

async function* one<T>(value: T): AsyncIterable<T> {
  yield value;
}
