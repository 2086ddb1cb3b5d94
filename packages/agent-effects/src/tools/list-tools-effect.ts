import { DurableFailure, type Json } from "@stigmer/durable";
import { asText, type EffectContext, failure, InputReader, type SensitiveValues } from "@stigmer/effects";
import { type McpServerCommand, readMcpServer } from "../mcp/mcp-server.ts";
import type { McpSession, RemoteTool } from "../mcp/mcp-session.ts";
import type { McpSessions } from "../mcp/mcp-sessions.ts";
import { BUILT_IN_TOOL_NAMES, findBuiltInTool } from "./built-in-tools.ts";
import { findFolder } from "./find-folder.ts";
import type { Toolboxes, ToolData } from "./toolboxes.ts";

/** Of one description; longer ones are cut. */
const MAX_DESCRIPTION_CHARACTERS = 4_000;
/** Of one tool's schema; a tool with a larger one is left out. */
const MAX_SCHEMA_CHARACTERS = 64_000;
/** Of all servers together. */
const MAX_TOOLS = 256;

/** What listing tools needs. */
export interface ListToolsOptions {
  readonly toolboxes: Toolboxes;
  readonly sessions: McpSessions;
  readonly protectedDirs: readonly string[];
}

/**
 * Does an `agent-tools` effect: `{tools: [name], mcpServers: [spec], workspace?}` gives `{toolsRef, tools: [{name, kind, readOnly,
 * server?}], problems: [{server, message}]}`. A server that does not start is a problem and not the end.
 */
export async function listTools(
  input: Json,
  context: EffectContext,
  sensitive: SensitiveValues,
  options: ListToolsOptions,
): Promise<Json> {
  const reader = new InputReader("agent-tools", input);
  const own = reader.list("tools").map((name) => builtIn(asText(name)));
  const folder = await findFolder(reader, context, options.protectedDirs);
  const start = (server: McpServerCommand) => options.sessions.get(server, context, folder);
  const problems: { server: string; message: string }[] = [];
  const remote = await Promise.all(
    reader.list("mcpServers").map(async (spec) => {
      const server = new InputReader("mcpServers", spec).text("name");
      try {
        return await listRemote(await readMcpServer(spec, context, sensitive), start, context.signal);
      } catch (error) {
        if (!(error instanceof DurableFailure) || context.signal.aborted || error.failure.status < 500) throw error;
        problems.push({ server, message: sensitive.redact(error.failure.detail ?? "it failed") });
        return [];
      }
    }),
  );
  const tools = [...own, ...remote.flat()].slice(0, MAX_TOOLS);
  const toolsRef = tools.length === 0 ? null : await options.toolboxes.save(tools);
  const summaries = tools.map(({ name, kind, readOnly, server }) => ({
    name,
    kind,
    readOnly,
    ...(server === undefined ? {} : { server }),
  }));
  return { toolsRef, tools: summaries, problems };
}

function builtIn(name: string): ToolData {
  const tool = findBuiltInTool(name);
  if (tool === undefined) {
    throw failure("configuration", {
      detail: `There is no tool "${name}": the built-in tools are ${BUILT_IN_TOOL_NAMES.join(", ")}`,
      retryable: false,
    });
  }
  return {
    name,
    description: tool.description,
    inputSchema: tool.inputSchema,
    kind: "tool",
    readOnly: tool.readOnly,
  };
}

async function listRemote(
  server: McpServerCommand,
  start: (server: McpServerCommand) => Promise<McpSession>,
  signal: AbortSignal,
): Promise<readonly ToolData[]> {
  const listed = await (await start(server)).listTools(signal);
  return listed
    .filter((tool) => server.enabledTools?.includes(tool.name) ?? true)
    .filter((tool) => JSON.stringify(tool.inputSchema).length <= MAX_SCHEMA_CHARACTERS)
    .map((tool) => toData(server.name, tool));
}

function toData(server: string, tool: RemoteTool): ToolData {
  return {
    name: toolName(server, tool.name),
    description: tool.description.slice(0, MAX_DESCRIPTION_CHARACTERS),
    inputSchema: tool.inputSchema,
    kind: "mcp",
    readOnly: tool.readOnly,
    server,
    remoteName: tool.name,
  };
}

/** `server__tool` in the letters and the length that every model provider accepts. */
function toolName(server: string, tool: string): string {
  return `${server}__${tool}`.replace(/[^A-Za-z0-9_-]/g, "_").slice(0, 64);
}
