import type { Json } from "@stigmer/durable";
import { type EffectContext, failure, InputReader } from "@stigmer/effects";
import type { BlobPort } from "../blobs.ts";
import { findBuiltInTool } from "./built-in-tools.ts";
import { keepToolResult } from "./tool-result.ts";
import { openWorkspace, ToolProblem } from "./workspace.ts";

/** What all built-in tools of a process share. */
export interface ToolEffectOptions {
  readonly blobs: BlobPort;
  readonly protectedDirs: readonly string[];
}

/**
 * Does a `tool` effect: `{tool, callId, arguments, workspace?}` gives `{outcome, ref?, text}`. What the tool cannot do
 * is a result with the outcome `failed`, in words for the model.
 */
export async function runTool(input: Json, context: EffectContext, options: ToolEffectOptions): Promise<Json> {
  const reader = new InputReader("tool", input);
  const tool = findBuiltInTool(reader.text("tool"));
  if (tool === undefined) {
    throw failure("configuration", { detail: `There is no tool "${reader.text("tool")}"`, retryable: false });
  }
  try {
    const workspace = await openWorkspace({
      folder: reader.optionalText("workspace"),
      ownDir: context.workspaceDir,
      protectedDirs: options.protectedDirs,
    });
    const text = await tool.run(reader.map("arguments"), { workspace, signal: context.signal });
    return await keepToolResult("ok", text, options.blobs);
  } catch (error) {
    if (error instanceof ToolProblem) return keepToolResult("failed", error.message, options.blobs);
    throw error;
  }
}
