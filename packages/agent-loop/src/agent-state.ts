import type { Json } from "@stigmer/durable";
import type { AgentTurn } from "./agent-input.ts";
import { isList, isObject, type JsonObject, readObject } from "./json-reader.ts";
import { NO_REPEATS, type Repeats } from "./repeat-guard.ts";
import { NO_USAGE, readUsage, type Usage } from "./usage.ts";

/** A tool as the program sees it; its schema and description stay in the blob behind `toolsRef`. */
export interface ToolSummary {
  readonly name: string;
  /** `tool`: built in; `mcp`: of an MCP server. */
  readonly kind: "tool" | "mcp";
  readonly readOnly: boolean;
  /** Name of the MCP server. */
  readonly server?: string;
}

/** All tools of a turn. */
export interface Toolbox {
  /** Digest of the definitions; null without tools. */
  readonly toolsRef: string | null;
  readonly tools: readonly ToolSummary[];
}

/** Everything that a turn needs to continue at a step boundary. Plain data. */
export interface AgentState {
  /** Finished model calls. */
  readonly step: number;
  /** Digest of the last message of the transcript; null at the start of a conversation. */
  readonly head: string | null;
  /** Messages that the next model call appends to the transcript before it answers. */
  readonly append: readonly JsonObject[];
  readonly toolbox: Toolbox | undefined;
  readonly usage: Usage;
  /** Tokens of the last call: the least that the next one will take. */
  readonly lastCallTokens: number;
  readonly repeats: Repeats;
  /** How often the model was told what is wrong with its answer. */
  readonly corrections: number;
  /** Last words of the model. */
  readonly text: string;
}

/** State of a turn that has not begun. */
export function startState(turn: AgentTurn): AgentState {
  return {
    step: 0,
    head: turn.session.headRef ?? null,
    append: [{ role: "user", text: turn.message }],
    toolbox: undefined,
    usage: NO_USAGE,
    lastCallTokens: 0,
    repeats: NO_REPEATS,
    corrections: 0,
    text: "",
  };
}

/** The state as a snapshot holds it. */
export function stateJson(state: AgentState): Json {
  const { toolbox, usage, repeats, ...rest } = state;
  return {
    v: 1,
    ...rest,
    usage: { ...usage },
    repeats: { ...repeats },
    ...(toolbox === undefined
      ? {}
      : { toolbox: { toolsRef: toolbox.toolsRef, tools: toolbox.tools.map((tool) => ({ ...tool })) } }),
  };
}

/** The state of a snapshot; snapshots are our own, so only their version is checked. */
export function restoreState(restored: Json): AgentState {
  const data = readObject(restored, "snapshot");
  if (data.v !== 1) throw new Error(`Cannot continue from a snapshot of version ${String(data.v)}`);
  return {
    step: Number(data.step),
    head: typeof data.head === "string" ? data.head : null,
    append: isList(data.append) ? data.append.filter(isObject) : [],
    toolbox: data.toolbox === undefined ? undefined : readToolbox(data.toolbox),
    usage: readUsage(data.usage),
    lastCallTokens: Number(data.lastCallTokens),
    repeats: readRepeats(data.repeats),
    corrections: Number(data.corrections),
    text: String(data.text),
  };
}

/** Reads the toolbox from a snapshot or from the effect that listed the tools. */
export function readToolbox(value: Json): Toolbox {
  const data = readObject(value, "tools");
  const tools = isList(data.tools) ? data.tools.filter(isObject) : [];
  return {
    toolsRef: typeof data.toolsRef === "string" ? data.toolsRef : null,
    tools: tools.map((tool) => ({
      name: String(tool.name),
      kind: tool.kind === "mcp" ? "mcp" : "tool",
      readOnly: tool.readOnly === true,
      ...(typeof tool.server === "string" ? { server: tool.server } : {}),
    })),
  };
}

/** What went wrong while the tools were listed, such as a server that did not start. */
export function readProblems(listed: Json): readonly string[] {
  const problems = isObject(listed) && isList(listed.problems) ? listed.problems.filter(isObject) : [];
  return problems.map((problem) => String(problem.message));
}

function readRepeats(value: Json | undefined): Repeats {
  return isObject(value) ? { signature: String(value.signature), count: Number(value.count) } : NO_REPEATS;
}
