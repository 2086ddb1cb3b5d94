import type { JsonObject } from "@stigmer/effects";
import type { BuiltInTool, ToolContext } from "./built-in-tool.ts";
import { isBinary } from "./file-content.ts";
import { ToolProblem } from "./workspace.ts";

const MAX_FILE_BYTES = 50_000_000;
const MAX_TEXT_CHARACTERS = 60_000;
const USUAL_LINES = 2_000;

/** Reads a text file, whole or a range of its lines. */
export const readFile: BuiltInTool = {
  name: "read_file",
  description:
    "Reads a text file of the workspace. Long files come in parts: the last line then says how to read on with `offset`.",
  inputSchema: {
    type: "object",
    properties: {
      path: { type: "string", description: "File, relative to the workspace." },
      offset: { type: "integer", minimum: 1, description: "First line to read, from 1. Default: 1." },
      limit: { type: "integer", minimum: 1, description: `How many lines to read. Default: ${USUAL_LINES}.` },
    },
    required: ["path"],
    additionalProperties: false,
  },
  readOnly: true,
  run,
};

async function run(args: JsonObject, context: ToolContext): Promise<string> {
  const path = String(args.path);
  const handle = await context.workspace.openFile(path);
  try {
    const { size } = await handle.stat();
    if (size > MAX_FILE_BYTES) throw new ToolProblem(`${path} is too large to read (${size} bytes)`);
    if (await isBinary(handle)) throw new ToolProblem(`${path} is no text file (${size} bytes)`);
    const text = await handle.readFile({ encoding: "utf8", signal: context.signal });
    return selectLines(text, Number(args.offset ?? 1), Number(args.limit ?? USUAL_LINES), path);
  } finally {
    await handle.close();
  }
}

function selectLines(text: string, first: number, limit: number, path: string): string {
  if (text === "") return "(empty)";
  const lines = text.split("\n");
  if (lines.at(-1) === "") lines.pop();
  if (first > lines.length) throw new ToolProblem(`${path} has only ${lines.length} lines`);
  const taken: string[] = [];
  let characters = 0;
  for (const line of lines.slice(first - 1, first - 1 + limit)) {
    characters += line.length + 1;
    if (characters > MAX_TEXT_CHARACTERS && taken.length > 0) break;
    taken.push(line.length > MAX_TEXT_CHARACTERS ? `${line.slice(0, MAX_TEXT_CHARACTERS)}… (line cut)` : line);
  }
  const last = first - 1 + taken.length;
  const shown = taken.join("\n");
  if (last >= lines.length) return shown;
  return `${shown}\n(lines ${first} to ${last} of ${lines.length}; read on with offset ${last + 1})`;
}
