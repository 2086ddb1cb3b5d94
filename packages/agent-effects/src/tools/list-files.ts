import { lstat, readdir } from "node:fs/promises";
import { join } from "node:path";
import type { JsonObject } from "@stigmer/effects";
import type { BuiltInTool, ToolContext } from "./built-in-tool.ts";

const MAX_ENTRIES = 1_000;
const MAX_DEPTH = 5;

/** Lists the files and folders of a folder. Links are shown and not followed. */
export const listFiles: BuiltInTool = {
  name: "list_files",
  description:
    "Lists files and folders of the workspace, one per line: folders end with a slash, files have their size in bytes.",
  inputSchema: {
    type: "object",
    properties: {
      path: { type: "string", description: "Folder, relative to the workspace. Default: the workspace itself." },
      depth: { type: "integer", minimum: 1, maximum: MAX_DEPTH, description: "How deep to go. Default: 1." },
    },
    additionalProperties: false,
  },
  readOnly: true,
  run,
};

async function run(args: JsonObject, context: ToolContext): Promise<string> {
  const folder = await context.workspace.find(String(args.path ?? "."));
  const lines: string[] = [];
  await list(folder, Number(args.depth ?? 1), lines, context);
  if (lines.length === 0) return "(empty)";
  if (lines.length <= MAX_ENTRIES) return lines.join("\n");
  return `${lines.slice(0, MAX_ENTRIES).join("\n")}\n(more than ${MAX_ENTRIES} entries; list a folder further down)`;
}

async function list(folder: string, depth: number, lines: string[], context: ToolContext): Promise<void> {
  const entries = await readdir(folder, { withFileTypes: true });
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    context.signal.throwIfAborted();
    if (lines.length > MAX_ENTRIES) return;
    const path = join(folder, entry.name);
    const shown = context.workspace.show(path);
    if (entry.isDirectory()) {
      lines.push(`${shown}/`);
      if (depth > 1 && entry.name !== ".git") await list(path, depth - 1, lines, context);
    } else if (entry.isSymbolicLink()) lines.push(`${shown} (link)`);
    else if (entry.isFile()) lines.push(`${shown} ${(await lstat(path)).size}`);
    else lines.push(`${shown} (special file)`);
  }
}
