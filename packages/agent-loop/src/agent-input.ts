import type { Json } from "@stigmer/durable";
import { type AgentLimits, readLimits } from "./agent-limits.ts";
import {
  invalid,
  isObject,
  type JsonObject,
  member,
  readList,
  readObject,
  readOptionalText,
  readText,
} from "./json-reader.ts";

/**
 * One turn of an agent, as the program gets it:
 *
 *     { definition: {instructions, model: {provider, name, …}, tools?: [name], mcpServers?: [name | {name, command, …}],
 *                    outputSchema?, limits?: {steps?, tokens?, time?}, workspace?},
 *       execution: {id, namespace, startedAtMs},
 *       message, data?, output?, session?: id | {id, headRef?}, workspace?, limits?,
 *       mcpServers?: {name: {command, args?, env?, enabledTools?}} }
 *
 * `definition` is the pinned spec of the agent; `mcpServers` are the pinned specs of the servers that it names, by the
 * name it uses; `output` is a schema for this turn instead of the agent's own; `limits` can only narrow the agent's own.
 */
export interface AgentTurn {
  readonly executionId: string;
  readonly startedAtMs: number;
  readonly instructions: string;
  /** Passed on to the `model` effect as it is. */
  readonly model: JsonObject;
  /** Names of built-in tools. */
  readonly tools: readonly string[];
  readonly mcpServers: readonly McpServer[];
  /** JSON Schema of the structured result. */
  readonly outputSchema: Json | undefined;
  readonly limits: AgentLimits;
  /** Folder in which tools work; absent means the execution's own. */
  readonly workspace: string | undefined;
  /** What the person or the workflow says. */
  readonly message: string;
  readonly session: { readonly id: string | undefined; readonly headRef: string | undefined };
}

/** A stdio MCP server: its name, and its spec as the effects take it. */
export interface McpServer {
  readonly name: string;
  readonly spec: JsonObject;
}

/** @throws {DurableFailure} `configuration` that names the wrong part */
export function readAgentTurn(input: Json): AgentTurn {
  const all = readObject(input, "input");
  const agent = readObject(all.definition, "definition");
  const execution = readObject(all.execution, "execution");
  const startedAtMs = member(execution, "startedAtMs");
  if (typeof startedAtMs !== "number") throw invalid("execution.startedAtMs", "a time in milliseconds");
  return {
    executionId: readText(execution, "id", "execution"),
    startedAtMs,
    instructions: readText(agent, "instructions", "definition"),
    model: readModel(agent),
    tools: readList(agent, "tools", "definition").map((name, index) => {
      if (typeof name !== "string") throw invalid(`definition.tools[${index}]`, "the name of a tool");
      return name;
    }),
    mcpServers: readMcpServers(agent, isObject(all.mcpServers) ? all.mcpServers : {}),
    outputSchema: member(all, "output") ?? member(agent, "outputSchema"),
    limits: readLimits(member(agent, "limits"), member(all, "limits")),
    workspace: readOptionalText(all, "workspace", "input") ?? readOptionalText(agent, "workspace", "definition"),
    message: readMessage(all),
    session: readSession(all),
  };
}

function readModel(agent: JsonObject): JsonObject {
  const model = readObject(agent.model, "definition.model");
  readText(model, "provider", "definition.model");
  return model;
}

function readMcpServers(agent: JsonObject, pinned: JsonObject): readonly McpServer[] {
  const servers = readList(agent, "mcpServers", "definition").map((entry, index) => {
    const where = `definition.mcpServers[${index}]`;
    if (typeof entry === "string") {
      const spec = Object.hasOwn(pinned, entry) ? pinned[entry] : undefined;
      if (!isObject(spec)) throw invalid(where, `the name of an applied McpServer; "${entry}" is none`);
      return { name: serverName(entry), spec };
    }
    const spec = readObject(entry, where);
    return { name: serverName(readText(spec, "name", where)), spec };
  });
  for (const [index, { name }] of servers.entries()) {
    if (servers.findIndex((other) => other.name === name) === index) continue;
    throw invalid(`definition.mcpServers[${index}]`, `named differently: its tools would be called "${name}__…" too`);
  }
  return servers;
}

/** The part of `namespace/name` that tools are named by. */
function serverName(reference: string): string {
  return reference.slice(reference.lastIndexOf("/") + 1);
}

/** The message with the data that came along, which the model reads as JSON. */
function readMessage(all: JsonObject): string {
  const given = member(all, "message");
  if (given === undefined || given === "") throw invalid("input.message", "what the agent is told");
  const message = typeof given === "string" ? given : JSON.stringify(given);
  const data = member(all, "data");
  return data === undefined ? message : `${message}\n\n\`\`\`json\n${JSON.stringify(data, null, 2)}\n\`\`\``;
}

function readSession(all: JsonObject): AgentTurn["session"] {
  const session = member(all, "session");
  if (session === undefined) return { id: undefined, headRef: undefined };
  if (typeof session === "string") return { id: session, headRef: undefined };
  const object = readObject(session, "session");
  return { id: readOptionalText(object, "id", "session"), headRef: readOptionalText(object, "headRef", "session") };
}
