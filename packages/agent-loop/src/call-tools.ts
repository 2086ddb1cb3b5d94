import { type Durable, DurableFailure, type Json } from "@stigmer/durable";
import type { AgentTurn } from "./agent-input.ts";
import type { AgentState, ToolSummary } from "./agent-state.ts";
import { type JsonObject, readObject } from "./json-reader.ts";
import type { ModelCall } from "./model-answer.ts";
import { decide } from "./policy.ts";

/** Tools that run at the same time. */
export const MAX_PARALLEL_TOOLS = 16;
/** Of one tool call. */
const TOOL_TIMEOUT_MS = 10 * 60_000;

/** A tool call's result as the transcript takes it: the text itself, or the digest of a longer one. */
type ToolResult = JsonObject;

/** Answers every call of one step, in the order of the calls; a call without a result cannot happen. */
export async function callTools(
  durable: Durable,
  turn: AgentTurn,
  state: AgentState,
  calls: readonly ModelCall[],
): Promise<readonly ToolResult[]> {
  const results: ToolResult[] = [];
  for (let first = 0; first < calls.length; first += MAX_PARALLEL_TOOLS) {
    const some = calls.slice(first, first + MAX_PARALLEL_TOOLS);
    results.push(...(await Promise.all(some.map((call, n) => callTool(durable, turn, state, call, first + n)))));
  }
  return results;
}

/** Answers every call with the same words, without making it. */
export function answerWithout(calls: readonly ModelCall[], text: string): readonly ToolResult[] {
  return calls.map((call) => toResult(call, "refused", { text }));
}

async function callTool(
  durable: Durable,
  turn: AgentTurn,
  state: AgentState,
  call: ModelCall,
  index: number,
): Promise<ToolResult> {
  const toolbox = state.toolbox ?? { toolsRef: null, tools: [] };
  const decision = decide(call, toolbox);
  const event = { tool: call.name, callId: call.id };
  switch (decision.kind) {
    case "refuse":
      durable.report({ type: "agent.tool.refused", data: { ...event, reason: decision.reason, text: decision.text } });
      return toResult(call, "refused", { text: decision.text });
    case "allow": {
      durable.report({ type: "agent.tool.called", data: { ...event, arguments: call.arguments } });
      const done = await runTool(durable, turn, state, call, decision.tool, index);
      durable.report({ type: "agent.tool.completed", data: { ...event, outcome: done.outcome, text: done.preview } });
      return toResult(call, done.outcome, done.content);
    }
  }
}

interface DoneTool {
  readonly outcome: string;
  readonly preview: string;
  readonly content: JsonObject;
}

async function runTool(
  durable: Durable,
  turn: AgentTurn,
  state: AgentState,
  call: ModelCall,
  tool: ToolSummary,
  index: number,
): Promise<DoneTool> {
  try {
    const value = await durable.effect({
      key: `tool/${state.step}/${index}`,
      kind: tool.kind,
      crash: tool.readOnly ? (tool.kind === "tool" ? "safe" : "repeat") : "unknown",
      timeoutMs: TOOL_TIMEOUT_MS,
      input: toInput(turn, state, call, tool),
    });
    const result = readObject(value, "the tool's result");
    const preview = typeof result.text === "string" ? result.text : "";
    const content: JsonObject = typeof result.ref === "string" ? { ref: result.ref } : { text: preview };
    return { outcome: result.outcome === "ok" ? "ok" : "failed", preview, content };
  } catch (error) {
    if (!(error instanceof DurableFailure)) throw error;
    const isLost = error.failure.title === "outcome unknown";
    const text = isLost
      ? "The outcome of this call is unknown: it may have happened or not. Find out before you repeat it."
      : `The tool failed: ${error.failure.detail ?? error.failure.title ?? error.failure.type}`;
    return { outcome: isLost ? "unknown" : "failed", preview: text, content: { text } };
  }
}

function toInput(turn: AgentTurn, state: AgentState, call: ModelCall, tool: ToolSummary): Json {
  const server = turn.mcpServers.find((candidate) => candidate.name === tool.server);
  return {
    tool: call.name,
    callId: call.id,
    arguments: call.arguments,
    toolsRef: state.toolbox?.toolsRef ?? null,
    ...(turn.workspace === undefined ? {} : { workspace: turn.workspace }),
    ...(server === undefined ? {} : { server: { ...server.spec, name: server.name } }),
  };
}

function toResult(call: ModelCall, outcome: string, content: JsonObject): ToolResult {
  return { callId: call.id, tool: call.name, outcome, ...content };
}
