import { type Durable, DurableFailure, type Json } from "@stigmer/durable";
import type { AgentTurn } from "./agent-input.ts";
import type { AgentState } from "./agent-state.ts";
import { isObject } from "./json-reader.ts";
import { type ModelAnswer, readModelAnswer } from "./model-answer.ts";

/** Tries of one model call together, the first included. */
export const MAX_ATTEMPTS = 6;
const FIRST_DELAY_MS = 1_000;
const MAX_DELAY_MS = 60_000;
/** A provider that asks for more patience than this is not waited for. */
const MAX_RETRY_AFTER_MS = 15 * 60_000;
/** Of one attempt; local models are slow. */
const MODEL_TIMEOUT_MS = 30 * 60_000;

/**
 * Asks the model for its next step. A failed try waits in durable time and is repeated: at least as long as the
 * provider's `Retry-After`, else 1 s, 2 s, 4 s … with jitter.
 *
 * @throws {DurableFailure} of the last try
 */
export async function callModel(durable: Durable, turn: AgentTurn, state: AgentState): Promise<ModelAnswer> {
  const step = state.step + 1;
  for (let attempt = 1; ; attempt++) {
    try {
      const value = await durable.effect({
        key: `model/${step}${attempt === 1 ? "" : `#${attempt}`}`,
        kind: "model",
        crash: "repeat",
        timeoutMs: MODEL_TIMEOUT_MS,
        input: toInput(turn, state),
      });
      return readModelAnswer(value);
    } catch (error) {
      if (!(error instanceof DurableFailure) || error.failure.retryable === false || attempt === MAX_ATTEMPTS)
        throw error;
      const delayMs = retryDelay(durable, attempt, error);
      if (delayMs === undefined) throw error;
      durable.report({
        type: "agent.retried",
        data: { step, attempt, delayMs, error: { status: error.failure.status, detail: error.failure.detail ?? "" } },
      });
      await durable.sleepUntil({ key: `model/${step}/delay-${attempt}`, dueAtMs: durable.now() + delayMs });
    }
  }
}

function toInput(turn: AgentTurn, state: AgentState): Json {
  return {
    model: turn.model,
    instructions: turn.instructions,
    head: state.head,
    append: state.append,
    toolsRef: state.toolbox?.toolsRef ?? null,
    remainingTokens: turn.limits.tokens - state.usage.inputTokens - state.usage.outputTokens,
    ...(turn.outputSchema === undefined ? {} : { outputSchema: turn.outputSchema }),
  };
}

function retryDelay(durable: Durable, attempt: number, error: DurableFailure): number | undefined {
  const data = error.failure.data;
  const asked = isObject(data) && typeof data.retryAfterMs === "number" ? data.retryAfterMs : 0;
  if (asked > MAX_RETRY_AFTER_MS) return undefined;
  const backoffMs = Math.min(MAX_DELAY_MS, FIRST_DELAY_MS * 2 ** (attempt - 1));
  // Jitter only adds: a provider's wish is the least.
  return Math.round(Math.max(asked, backoffMs) + durable.random() * 0.25 * backoffMs);
}
