import { type EffectContext, failure, type InputReader } from "@stigmer/effects";
import { openWorkspace, ToolProblem } from "./workspace.ts";

/**
 * Folder in which an agent's processes start: the `workspace` of the effect's input, else the execution's own.
 *
 * @throws {DurableFailure} `configuration` when it does not exist or is refused
 */
export async function findFolder(
  reader: InputReader,
  context: EffectContext,
  protectedDirs: readonly string[],
): Promise<string> {
  const folder = reader.optionalText("workspace");
  if (folder === undefined) return context.workspaceDir;
  try {
    return (await openWorkspace({ folder, ownDir: context.workspaceDir, protectedDirs })).root;
  } catch (error) {
    if (!(error instanceof ToolProblem)) throw error;
    throw failure("configuration", { detail: error.message, retryable: false });
  }
}
