import type { BuiltInTool } from "./built-in-tool.ts";
import { listFiles } from "./list-files.ts";
import { readFile } from "./read-file.ts";
import { searchFiles } from "./search-files.ts";

/** Every built-in tool: one file and one row each. */
const TOOLS: readonly BuiltInTool[] = [listFiles, readFile, searchFiles];

/** Names of all built-in tools. */
export const BUILT_IN_TOOL_NAMES: readonly string[] = TOOLS.map((tool) => tool.name);

/** The built-in tool of that name. */
export function findBuiltInTool(name: string): BuiltInTool | undefined {
  return TOOLS.find((tool) => tool.name === name);
}
