import type { JsonObject } from "@stigmer/effects";
import type { ToolDefinition } from "../model/model-provider.ts";
import type { Workspace } from "./workspace.ts";

/** What a built-in tool works with. */
export interface ToolContext {
  readonly workspace: Workspace;
  readonly signal: AbortSignal;
}

/** A tool of ours. Its arguments were checked against its schema. */
export interface BuiltInTool extends ToolDefinition {
  readonly readOnly: boolean;
  /** @throws {ToolProblem} with words for the model */
  run(args: JsonObject, context: ToolContext): Promise<string>;
}
