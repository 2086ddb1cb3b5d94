import { DeadlineError, type Durable, type DurableProgram, type Json } from "@stigmer/durable";
import { type AgentTurn, readAgentTurn } from "./agent-input.ts";
import {
  type AgentState,
  readProblems,
  readToolbox,
  restoreState,
  startState,
  stateJson,
  type Toolbox,
} from "./agent-state.ts";
import { requireBudget } from "./budget.ts";
import { callModel } from "./call-model.ts";
import { answerWithout, callTools } from "./call-tools.ts";
import { correction } from "./correction.ts";
import { limitFailure } from "./limit-failure.ts";
import type { ModelAnswer } from "./model-answer.ts";
import { countRepeat, GIVE_UP_AT, NUDGE_AT } from "./repeat-guard.ts";
import { addUsage, totalTokens, usageJson } from "./usage.ts";

/**
 * One turn of an agent as a durable program: model call, policy, tools, again, until the model answers without a tool
 * call and the structured result fits its schema, or a limit ends it. Messages are references: the program holds the
 * digest of the transcript's head and small summaries.
 *
 * Input: see AgentTurn. Output: `{message, data?, truncated?, usage, steps, session: {id?, headRef}}`.
 *
 * @throws {DurableFailure} of type LIMIT_REACHED at a limit, with the usage until then; else of the failed model call
 */
export const agentProgram: DurableProgram = async (durable, input, restored) => {
  const turn = readAgentTurn(input);
  let state = restored === undefined ? startState(turn) : restoreState(restored);
  if (restored === undefined) durable.report({ type: "agent.message", data: { role: "user", text: turn.message } });
  const keep = (next: AgentState) => {
    state = next;
  };
  try {
    const deadlineAtMs = turn.startedAtMs + turn.limits.timeMs;
    return await durable.scope({ key: "turn", deadlineAtMs }, (scope) => runTurn(scope, turn, state, keep));
  } catch (error) {
    if (!(error instanceof DeadlineError)) throw error;
    throw limitFailure("time", `The agent was not done after ${turn.limits.timeMs / 1000} s`, state);
  }
};

async function runTurn(
  durable: Durable,
  turn: AgentTurn,
  begun: AgentState,
  keep: (state: AgentState) => void,
): Promise<Json> {
  let state: AgentState = { ...begun, toolbox: begun.toolbox ?? (await listTools(durable, turn)) };
  for (;;) {
    const boundary = state;
    keep(boundary);
    durable.snapshot(() => stateJson(boundary));
    requireBudget(turn, state);
    durable.report({ type: "agent.step.started", data: { step: state.step + 1 } });
    const answer = await callModel(durable, turn, state);
    state = afterAnswer(state, answer);
    keep(state);
    reportAnswer(durable, state, answer);
    const append = await react(durable, turn, state, answer);
    if (append === undefined) return complete(durable, turn, state, answer);
    state = { ...state, ...append };
  }
}

/** Lists built-in tools and those of MCP servers; without any there is nothing to ask for. */
async function listTools(durable: Durable, turn: AgentTurn): Promise<Toolbox> {
  if (turn.tools.length === 0 && turn.mcpServers.length === 0) return { toolsRef: null, tools: [] };
  const listed = await durable.effect({
    key: "tools",
    kind: "agent-tools",
    crash: "repeat",
    timeoutMs: 120_000,
    retry: { maxAttempts: 3, initialDelayMs: 1_000, coefficient: 2, maxDelayMs: 10_000 },
    input: {
      tools: turn.tools,
      mcpServers: turn.mcpServers.map(({ name, spec }) => ({ ...spec, name })),
      ...(turn.workspace === undefined ? {} : { workspace: turn.workspace }),
    },
  });
  for (const problem of readProblems(listed))
    durable.report({ type: "log", data: { level: "warn", message: problem } });
  return readToolbox(listed);
}

function afterAnswer(state: AgentState, answer: ModelAnswer): AgentState {
  return {
    ...state,
    step: state.step + 1,
    head: answer.headRef,
    append: [],
    usage: addUsage(state.usage, answer.usage),
    lastCallTokens: totalTokens(answer.usage),
    text: answer.text === "" ? state.text : answer.text,
  };
}

function reportAnswer(durable: Durable, state: AgentState, answer: ModelAnswer): void {
  durable.report({ type: "agent.usage", data: { step: state.step, ...usageJson(answer.usage) } });
  if (answer.text !== "") durable.report({ type: "agent.message", data: { role: "assistant", text: answer.text } });
}

/** What changes before the next model call; undefined when the answer is final. */
async function react(
  durable: Durable,
  turn: AgentTurn,
  state: AgentState,
  answer: ModelAnswer,
): Promise<Partial<AgentState> | undefined> {
  if (answer.finish !== "length" && answer.calls.length > 0) return reactToCalls(durable, turn, state, answer);
  const text = correction(turn, state, answer);
  if (text === undefined) return undefined;
  // Calls in an answer that was cut off are not made, and each still gets its result.
  const results = answerWithout(answer.calls, "Not run: the answer was cut off before it was complete.");
  return {
    append: [...(results.length > 0 ? [{ role: "tool", results }] : []), { role: "user", text }],
    corrections: state.corrections + 1,
  };
}

async function reactToCalls(
  durable: Durable,
  turn: AgentTurn,
  state: AgentState,
  answer: ModelAnswer,
): Promise<Partial<AgentState>> {
  const repeats = countRepeat(state.repeats, answer.calls);
  if (repeats.count >= GIVE_UP_AT) {
    const names = answer.calls.map((call) => call.name).join(", ");
    throw limitFailure(
      "repeated-calls",
      `The agent asked ${repeats.count} times in a row for the same: ${names}`,
      state,
    );
  }
  const results =
    repeats.count >= NUDGE_AT
      ? answerWithout(
          answer.calls,
          `Not run: you have asked for exactly this ${repeats.count} times in a row, and the result is the same. Try something else, or answer with what you know.`,
        )
      : await callTools(durable, turn, state, answer.calls);
  return { append: [{ role: "tool", results }], repeats };
}

function complete(durable: Durable, turn: AgentTurn, state: AgentState, answer: ModelAnswer): Json {
  const { id } = turn.session;
  const output = {
    message: answer.text,
    ...(answer.data === undefined ? {} : { data: answer.data }),
    // Said plainly: the words end where the limit on tokens was, not where the model meant to end.
    ...(answer.finish === "length" ? { truncated: true } : {}),
    usage: usageJson(state.usage),
    steps: state.step,
    session: { ...(id === undefined ? {} : { id }), headRef: state.head },
  };
  durable.report({ type: "agent.completed", data: { steps: state.step, usage: output.usage } });
  return output;
}
