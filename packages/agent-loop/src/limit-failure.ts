import { DurableFailure } from "@stigmer/durable";
import type { AgentState } from "./agent-state.ts";
import { usageJson } from "./usage.ts";

/** Type of the failure that ends a turn at one of its limits. */
export const LIMIT_REACHED = "https://stigmer.ai/errors/agent-limit-reached";

/** Which limit ended a turn. */
export type LimitKind = "steps" | "tokens" | "time" | "repeated-calls" | "corrections";

/** Ends the turn at a limit; what was used, said and remembered until then travels along as data. */
export function limitFailure(limit: LimitKind, detail: string, state: AgentState): DurableFailure {
  return new DurableFailure({
    type: LIMIT_REACHED,
    status: limit === "time" ? 408 : 422,
    title: "Agent limit reached",
    detail,
    retryable: false,
    data: {
      limit,
      steps: state.step,
      usage: usageJson(state.usage),
      message: state.text,
      headRef: state.head,
    },
  });
}
