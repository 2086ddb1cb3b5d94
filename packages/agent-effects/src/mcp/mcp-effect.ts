import type { Json } from "@stigmer/durable";
import { type EffectContext, failure, InputReader, type SensitiveValues, stopped } from "@stigmer/effects";
import type { BlobPort } from "../blobs.ts";
import { findFolder } from "../tools/find-folder.ts";
import { keepToolResult } from "../tools/tool-result.ts";
import type { Toolboxes } from "../tools/toolboxes.ts";
import { readMcpServer } from "./mcp-server.ts";
import type { McpSessions } from "./mcp-sessions.ts";

/** What all calls of MCP tools share. */
export interface McpEffectOptions {
  readonly blobs: BlobPort;
  readonly toolboxes: Toolboxes;
  readonly sessions: McpSessions;
  readonly protectedDirs: readonly string[];
}

/** Does an `mcp` effect: `{tool, callId, arguments, toolsRef, server, workspace?}` gives `{outcome, ref?, text}`. */
export async function callMcpTool(
  input: Json,
  context: EffectContext,
  sensitive: SensitiveValues,
  options: McpEffectOptions,
): Promise<Json> {
  const reader = new InputReader("mcp", input);
  const name = reader.text("tool");
  const tool = (await options.toolboxes.load(reader.optionalText("toolsRef"))).find((entry) => entry.name === name);
  if (tool?.remoteName === undefined) {
    throw failure("configuration", { detail: `There is no tool "${name}"`, retryable: false });
  }
  const server = await readMcpServer(reader.map("server"), context, sensitive);
  const session = await options.sessions.get(server, context, await findFolder(reader, context, options.protectedDirs));
  const { isError, text } = await session.callTool(tool.remoteName, reader.map("arguments"), context.signal);
  if (context.signal.aborted) throw stopped(`Tool ${name}`);
  return keepToolResult(isError ? "failed" : "ok", sensitive.redact(text), options.blobs);
}
