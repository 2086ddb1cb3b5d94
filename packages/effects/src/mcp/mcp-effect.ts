import { Client, type JSONValue, ProtocolError } from "@modelcontextprotocol/client";
import { validateSchema } from "@stigmer/dsl";
import { DurableFailure, type Json } from "@stigmer/durable";
import { failure, stopped } from "../fail.ts";
import type { HttpScope } from "../http/request-http.ts";
import { InputReader, type JsonObject } from "../read-input.ts";
import { type McpConnection, openMcpTransport, type StdioOptions } from "./mcp-transport.ts";

const METHODS = [
  "tools/list",
  "tools/call",
  "prompts/list",
  "prompts/get",
  "resources/list",
  "resources/read",
  "resources/templates/list",
] as const;

/**
 * Does an `mcp` effect: `{method, parameters?, transport: {http: {endpoint, headers?} | stdio: {command, arguments?,
 * environment?}}, protocolVersion?, client?: {name, version}, timeoutMs?, rewrite?}`. Connects, asks once, and ends the
 * connection and the server's process. Gives the result of the method as the protocol has it.
 *
 * @throws {DurableFailure} `runtime` when the server fails or answers with an error, `timeout` when its time is up
 */
export async function callMcp(input: Json, scope: HttpScope, stdio: StdioOptions): Promise<Json> {
  const reader = new InputReader("call: mcp", input);
  const order = readOrder(reader, scope);
  const connection = await openMcpTransport(reader, scope, stdio);
  try {
    return await ask(order, connection, scope);
  } catch (error) {
    throw toFailure(error, order, connection, scope);
  } finally {
    await connection.close();
  }
}

interface McpOrder {
  readonly method: (typeof METHODS)[number];
  readonly parameters: JsonObject;
  readonly protocolVersion: string | undefined;
  readonly client: { readonly name: string; readonly version: string };
  readonly timeoutMs: number;
}

function readOrder(reader: InputReader, scope: HttpScope): McpOrder {
  const method = reader.text("method");
  const known = METHODS.find((one) => one === method);
  if (known === undefined) throw invalid(`method "${method}" is none of ${METHODS.join(", ")}`);
  const client = new InputReader("call: mcp: client", reader.map("client"));
  const timeoutMs = reader.value("timeoutMs") ?? scope.options.limits.totalMs;
  if (typeof timeoutMs !== "number" || timeoutMs <= 0) throw invalid('"timeoutMs" must be a number above 0');
  return {
    method: known,
    parameters: reader.map("parameters"),
    protocolVersion: reader.optionalText("protocolVersion"),
    client: { name: client.optionalText("name") ?? "stigmer", version: client.optionalText("version") ?? "1.0.0" },
    timeoutMs,
  };
}

/** From this revision on there is no `initialize`; the client must know before it speaks. */
const FIRST_MODERN_VERSION = "2026-01-01";

async function ask(order: McpOrder, connection: McpConnection, scope: HttpScope): Promise<Json> {
  const { protocolVersion, timeoutMs } = order;
  const isModern = protocolVersion !== undefined && protocolVersion >= FIRST_MODERN_VERSION;
  const client = new Client(order.client, {
    versionNegotiation: { mode: isModern ? { pin: protocolVersion } : "legacy" },
    ...(protocolVersion === undefined || isModern ? {} : { supportedProtocolVersions: [protocolVersion] }),
    inputRequired: { autoFulfill: false },
    // Schemas of servers are data from outside: they are interpreted, never compiled.
    jsonSchemaValidator: { getValidator: (schema) => (value) => checkOutput(schema as Json, value) },
  });
  const { signal } = scope.context;
  const limits = { timeout: timeoutMs, maxTotalTimeout: timeoutMs, signal };
  await client.connect(connection.transport, limits);
  const request = { method: order.method, params: order.parameters as Record<string, JSONValue> };
  return client.request(request, AS_IT_IS, limits);
}

/** Takes any result: what the server says is the workflow's data, whatever later revisions add to it. */
const AS_IT_IS = {
  "~standard": {
    version: 1,
    vendor: "stigmer",
    validate: (value: unknown) => ({ value: value as Json }),
    types: undefined as { input: unknown; output: Json } | undefined,
  },
} as const;

function checkOutput(schema: Json, value: unknown) {
  const [first] = validateSchema(schema, value as Json);
  return first === undefined
    ? { valid: true as const, data: value as never, errorMessage: undefined }
    : { valid: false as const, data: undefined, errorMessage: `${first.pointer} ${first.message}` };
}

function toFailure(error: unknown, order: McpOrder, connection: McpConnection, scope: HttpScope): DurableFailure {
  if (error instanceof DurableFailure) return error;
  const what = `MCP method ${order.method} of ${connection.name}`;
  if (scope.context.signal.aborted) return stopped(what);
  const message = error instanceof Error ? error.message : String(error);
  if (/timed? ?out/i.test(message)) {
    return failure("timeout", { detail: `${what} was not done after ${order.timeoutMs / 1000} s`, cause: error });
  }
  const said = connection.lastWords();
  const detail = `${what} failed: ${message}${said === "" ? "" : `; the server said: ${said}`}`;
  if (!(error instanceof ProtocolError)) return failure("runtime", { detail, cause: error });
  return failure("runtime", {
    detail,
    data: { code: error.code, message: error.message },
    retryable: false,
    cause: error,
  });
}

function invalid(why: string) {
  return failure("configuration", { detail: `Cannot do "call: mcp": ${why}`, retryable: false });
}
