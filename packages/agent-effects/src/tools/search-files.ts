import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { compileRegex, type JsonObject } from "@stigmer/effects";
import type { BuiltInTool, ToolContext } from "./built-in-tool.ts";
import { isBinary } from "./file-content.ts";
import { ToolProblem } from "./workspace.ts";

const MAX_MATCHES = 200;
const MAX_FILES = 20_000;
const MAX_FILE_BYTES = 2_000_000;
const MAX_TOTAL_BYTES = 200_000_000;
const MAX_LINE_CHARACTERS = 300;
const MAX_STEPS_PER_LINE = 50_000;
const MAX_SEARCH_MS = 20_000;
/** Others get their turn after this long. */
const SLICE_MS = 50;
/** Folders that hold what nobody wrote by hand. */
const SKIPPED: ReadonlySet<string> = new Set([".git", "node_modules", ".home"]);

/** Searches text files for lines. Regular expressions run on our own matcher with a budget. */
export const searchFiles: BuiltInTool = {
  name: "search_files",
  description:
    "Searches the text files of the workspace for lines with a text or a regular expression: `path:line: text`.",
  inputSchema: {
    type: "object",
    properties: {
      query: { type: "string", minLength: 1, description: "What to look for." },
      regex: { type: "boolean", description: "The query is a regular expression. Default: false." },
      ignoreCase: { type: "boolean", description: "Default: false." },
      path: { type: "string", description: "File or folder to search, relative to the workspace. Default: all of it." },
      suffix: { type: "string", description: "Only files whose name ends like this, such as `.md`." },
    },
    required: ["query"],
    additionalProperties: false,
  },
  readOnly: true,
  run,
};

/** One search on its way. */
interface Search {
  readonly context: ToolContext;
  readonly matches: (line: string) => boolean;
  readonly suffix: string;
  readonly found: string[];
  readonly endsAtMs: number;
  files: number;
  bytes: number;
  sliceEndsAtMs: number;
}

async function run(args: JsonObject, context: ToolContext): Promise<string> {
  const search: Search = {
    context,
    matches: createMatcher(args),
    suffix: String(args.suffix ?? ""),
    found: [],
    endsAtMs: Date.now() + MAX_SEARCH_MS,
    files: 0,
    bytes: 0,
    sliceEndsAtMs: Date.now() + SLICE_MS,
  };
  await searchPath(await context.workspace.find(String(args.path ?? ".")), search);
  if (search.found.length === 0) return `(nothing found in ${search.files} files)`;
  const isCut = search.found.length >= MAX_MATCHES || isSpent(search);
  return `${search.found.join("\n")}${isCut ? "\n(there may be more; search more narrowly)" : ""}`;
}

function createMatcher(args: JsonObject): (line: string) => boolean {
  const query = String(args.query);
  const ignoreCase = args.ignoreCase === true;
  if (args.regex !== true) {
    const wanted = ignoreCase ? query.toLowerCase() : query;
    return (line) => (ignoreCase ? line.toLowerCase() : line).includes(wanted);
  }
  try {
    const regex = compileRegex(query, ignoreCase ? "i" : "", { maxSteps: MAX_STEPS_PER_LINE });
    return (line) => {
      try {
        return regex.test(line);
      } catch {
        throw new ToolProblem("The regular expression takes too long; search for something simpler");
      }
    };
  } catch (error) {
    throw new ToolProblem(`The regular expression cannot be used: ${error instanceof Error ? error.message : error}`);
  }
}

async function searchPath(path: string, search: Search): Promise<void> {
  const entries = await readdir(path, { withFileTypes: true }).catch(() => undefined);
  if (entries === undefined) return searchFile(path, search);
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    search.context.signal.throwIfAborted();
    if (search.found.length >= MAX_MATCHES || isSpent(search)) return;
    if (entry.isDirectory() && !SKIPPED.has(entry.name)) await searchPath(join(path, entry.name), search);
    else if (entry.isFile() && entry.name.endsWith(search.suffix)) await searchFile(join(path, entry.name), search);
  }
}

async function searchFile(path: string, search: Search): Promise<void> {
  const { workspace } = search.context;
  const shown = workspace.show(path);
  const handle = await workspace.openFile(shown).catch(() => undefined);
  if (handle === undefined) return;
  try {
    const { size } = await handle.stat();
    if (size > MAX_FILE_BYTES || (await isBinary(handle))) return;
    search.files++;
    search.bytes += size;
    const lines = (await handle.readFile("utf8")).split("\n");
    for (const [index, line] of lines.entries()) {
      if (search.found.length >= MAX_MATCHES) return;
      if (Date.now() > search.sliceEndsAtMs) await pause(search);
      if (search.matches(line))
        search.found.push(`${shown}:${index + 1}: ${line.slice(0, MAX_LINE_CHARACTERS).trimEnd()}`);
    }
  } finally {
    await handle.close();
  }
}

async function pause(search: Search): Promise<void> {
  if (Date.now() > search.endsAtMs) throw new ToolProblem("The search takes too long; search a folder further down");
  await setImmediate();
  search.context.signal.throwIfAborted();
  search.sliceEndsAtMs = Date.now() + SLICE_MS;
}

function isSpent(search: Search): boolean {
  return search.files >= MAX_FILES || search.bytes >= MAX_TOTAL_BYTES;
}
