import { Client, deserializeMessage, ProtocolError } from "@modelcontextprotocol/client";
import { DurableFailure, type Json } from "@stigmer/durable";
import { failure, GuardedTransport, isObject, type JsonObject, validateSchema } from "@stigmer/effects";
import type { SpawnGuardedParams } from "@stigmer/lifecycle";
import type { McpServerCommand } from "./mcp-server.ts";

/** Of one request that lists tools, ms. */
const LIST_TIMEOUT_MS = 30_000;
/** Of one tool call, ms; progress does not prolong it. */
const CALL_TIMEOUT_MS = 300_000;

/** A tool as its server describes it. */
export interface RemoteTool {
  readonly name: string;
  readonly description: string;
  readonly inputSchema: JsonObject;
  readonly readOnly: boolean;
}

/** A connection to a running MCP server. */
export interface McpSession {
  /** False once the server has gone. */
  readonly isOpen: boolean;
  listTools(signal: AbortSignal): Promise<readonly RemoteTool[]>;
  callTool(
    name: string,
    args: JsonObject,
    signal: AbortSignal,
  ): Promise<{ readonly isError: boolean; readonly text: string }>;
  close(): Promise<void>;
}

/** How a session's process is started. */
export interface StartSessionParams {
  readonly server: McpServerCommand;
  readonly spawn: Pick<SpawnGuardedParams, "cwd" | "homeDir" | "guard">;
  readonly version: string;
  /** Until the server has shaken hands, ms. */
  readonly startTimeoutMs: number;
  readonly signal: AbortSignal;
}

/**
 * Starts a server and shakes hands: first by the protocol of 2025, which nearly all servers speak; a server that refuses
 * it is started again and asked for the newer one.
 *
 * @throws {DurableFailure} when it does not start or speaks neither
 */
export async function startMcpSession(params: StartSessionParams): Promise<McpSession> {
  try {
    return await connect(params, "legacy");
  } catch (error) {
    const wasRefused = error instanceof DurableFailure && error.cause instanceof ProtocolError;
    if (!wasRefused || params.signal.aborted) throw error;
    return connect(params, "auto");
  }
}

async function connect(params: StartSessionParams, mode: "legacy" | "auto"): Promise<McpSession> {
  const { server, spawn, signal } = params;
  const transport = new GuardedTransport(
    { ...spawn, command: server.command, args: server.args, env: server.env },
    deserializeMessage,
  );
  const client = new Client(
    { name: "stigmer", version: params.version },
    {
      versionNegotiation: { mode },
      inputRequired: { autoFulfill: false },
      // Schemas of servers are data from outside: they are interpreted, never compiled.
      jsonSchemaValidator: { getValidator: (schema) => (value) => checkOutput(schema as Json, value) },
    },
  );
  let isOpen = true;
  client.onclose = () => {
    isOpen = false;
  };
  try {
    await client.connect(transport, { timeout: params.startTimeoutMs, signal });
  } catch (error) {
    await transport.close();
    throw startFailure(server, error, transport.lastWords);
  }
  return {
    get isOpen() {
      return isOpen;
    },
    listTools: (abort) => listTools(client, abort),
    callTool: (name, args, abort) => callTool(client, server, name, args, abort),
    close: async () => {
      isOpen = false;
      await transport.close();
    },
  };
}

async function listTools(client: Client, signal: AbortSignal): Promise<readonly RemoteTool[]> {
  const { tools } = await client.listTools(undefined, { timeout: LIST_TIMEOUT_MS, signal });
  return tools.map((tool) => ({
    name: tool.name,
    description: tool.description ?? tool.title ?? "",
    inputSchema: tool.inputSchema as JsonObject,
    readOnly: tool.annotations?.readOnlyHint === true,
  }));
}

async function callTool(client: Client, server: McpServerCommand, name: string, args: JsonObject, signal: AbortSignal) {
  try {
    const result = await client.callTool(
      { name, arguments: { ...args } },
      { timeout: CALL_TIMEOUT_MS, maxTotalTimeout: CALL_TIMEOUT_MS, signal },
    );
    return { isError: result.isError === true, text: toText(result as unknown as JsonObject) };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { isError: true, text: `MCP server "${server.name}" failed: ${message}` };
  }
}

/** Text parts as they are; what a model cannot read is named. */
function toText(result: JsonObject): string {
  const content = Array.isArray(result.content) ? (result.content as readonly Json[]) : [];
  const parts = content.filter(isObject).map((part) => {
    if (typeof part.text === "string") return part.text;
    const resource = isObject(part.resource) ? part.resource : undefined;
    if (typeof resource?.text === "string") return resource.text;
    return `(${String(part.type)} content that cannot be shown)`;
  });
  if (parts.length > 0) return parts.join("\n");
  return result.structuredContent === undefined ? "" : JSON.stringify(result.structuredContent);
}

function checkOutput(schema: Json, value: unknown) {
  const problems = validateSchema(schema, value as Json);
  const [first] = problems;
  return first === undefined
    ? { valid: true as const, data: value as never, errorMessage: undefined }
    : { valid: false as const, data: undefined, errorMessage: `${first.pointer} ${first.message}` };
}

function startFailure(server: McpServerCommand, error: unknown, lastWords: string) {
  const message = error instanceof Error ? error.message : String(error);
  return failure("runtime", {
    title: "MCP server failed",
    detail: `MCP server "${server.name}" (${server.command}) did not start: ${message}${lastWords === "" ? "" : `; it said: ${lastWords}`}`,
    cause: error,
  });
}
