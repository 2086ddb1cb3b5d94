import type { Json } from "@stigmer/durable";
import { describeSchemaProblems, failure, isList, isObject, type JsonObject, validateSchema } from "@stigmer/effects";
import type { BlobPort } from "../blobs.ts";
import type { ToolDefinition } from "../model/model-provider.ts";

/** A tool that an agent may be offered. */
export interface ToolEntry extends ToolDefinition {
  /** `tool`: built in; `mcp`: of an MCP server. */
  readonly kind: "tool" | "mcp";
  /** It changes nothing; MCP servers say so with `readOnlyHint`. */
  readonly readOnly: boolean;
  /** Name of the MCP server, and of the tool there. */
  readonly server?: string;
  readonly remoteName?: string;
  /** What is wrong with arguments; undefined when nothing is. */
  check(args: JsonObject): string | undefined;
}

/** A tool without its check: as it is kept. */
export type ToolData = Omit<ToolEntry, "check">;

/** Lists of tools, kept by digest: a turn goes on with the tools it began with. */
export interface Toolboxes {
  save(tools: readonly ToolData[]): Promise<string>;
  /** No tools for no digest. */
  load(ref: string | undefined): Promise<readonly ToolEntry[]>;
}

/** Lists of tools over a blob store. */
export function createToolboxes(blobs: BlobPort): Toolboxes {
  return {
    save: (tools) => blobs.put(new TextEncoder().encode(JSON.stringify({ v: 1, tools }))),
    async load(ref) {
      if (ref === undefined) return [];
      const content = await blobs.get(ref);
      const saved = content === undefined ? null : (JSON.parse(new TextDecoder().decode(content)) as Json);
      if (!isObject(saved) || !isList(saved.tools)) {
        throw failure("runtime", { detail: `The list of tools ${ref} is gone`, retryable: false });
      }
      return saved.tools.filter(isObject).map(toEntry);
    },
  };
}

function toEntry(tool: JsonObject): ToolEntry {
  const inputSchema = isObject(tool.inputSchema) ? tool.inputSchema : { type: "object" };
  return {
    name: String(tool.name),
    description: String(tool.description ?? ""),
    inputSchema,
    kind: tool.kind === "mcp" ? "mcp" : "tool",
    readOnly: tool.readOnly === true,
    ...(typeof tool.server === "string" ? { server: tool.server } : {}),
    ...(typeof tool.remoteName === "string" ? { remoteName: tool.remoteName } : {}),
    check(args) {
      const problems = validateSchema(inputSchema, args, { maxSteps: 100_000 });
      return problems.length === 0 ? undefined : describeSchemaProblems(problems);
    },
  };
}
