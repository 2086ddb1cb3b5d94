import type { AgentTurn } from "./agent-input.ts";
import type { AgentState } from "./agent-state.ts";
import { limitFailure } from "./limit-failure.ts";
import { totalTokens } from "./usage.ts";

/**
 * Checks before a model call that it is still allowed. A call reads everything that was said before, so the next one
 * takes at least what the last one took.
 *
 * @throws {DurableFailure} of type LIMIT_REACHED
 */
export function requireBudget(turn: AgentTurn, state: AgentState): void {
  if (state.step >= turn.limits.steps) {
    throw limitFailure("steps", `The agent was not done after ${turn.limits.steps} steps`, state);
  }
  const used = totalTokens(state.usage);
  if (used + state.lastCallTokens < turn.limits.tokens || state.step === 0) return;
  throw limitFailure(
    "tokens",
    `The agent has used ${used} tokens, and another step of about ${state.lastCallTokens} would pass its limit of ${turn.limits.tokens}`,
    state,
  );
}
