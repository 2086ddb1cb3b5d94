import { DurableFailure } from "@stigmer/durable";
import type { AgentTurn } from "./agent-input.ts";
import type { AgentState } from "./agent-state.ts";
import { limitFailure } from "./limit-failure.ts";
import type { ModelAnswer } from "./model-answer.ts";

/** How often a turn tells the model what is wrong with its answer. */
export const MAX_CORRECTIONS = 2;

/**
 * Words that ask the model to do its answer again; undefined when the answer is good.
 *
 * @throws {DurableFailure} when it was told often enough, or the provider withheld the answer
 */
export function correction(turn: AgentTurn, state: AgentState, answer: ModelAnswer): string | undefined {
  if (answer.finish === "content-filter") throw withheld();
  const problem = problemOf(turn, answer);
  if (problem === undefined) return undefined;
  if (state.corrections >= MAX_CORRECTIONS) {
    throw limitFailure("corrections", `The agent gave no valid answer: ${problem}`, state);
  }
  return `${problem}\n\nAnswer again, complete and correct.`;
}

function problemOf(turn: AgentTurn, answer: ModelAnswer): string | undefined {
  if (answer.calls.length > 0) return "Your answer was cut off in the middle of a tool call: it was too long.";
  if (turn.outputSchema === undefined) {
    return answer.text.trim() === "" ? "Your answer was empty." : undefined;
  }
  if (answer.problems.length === 0 && answer.data !== undefined) return undefined;
  const list = answer.problems.map((line) => `- ${line}`).join("\n");
  return `Your answer must be one JSON value that fits the given schema, and nothing else. It does not:\n${list}`;
}

function withheld(): DurableFailure {
  return new DurableFailure({
    type: "https://serverlessworkflow.io/spec/1.0.0/errors/runtime",
    status: 500,
    title: "Answer withheld",
    detail: "The model provider withheld the answer (content filter)",
    retryable: false,
  });
}
