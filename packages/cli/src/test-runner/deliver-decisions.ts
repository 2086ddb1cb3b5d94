import type { DecisionSpec, Json } from "@stigmer/dsl";
import type { LogEvent, MemoryHost, VirtualClock } from "@stigmer/durable";
import { isList, isMap } from "./match-json.ts";
import { writtenMs } from "./mock-book.ts";

/** Answers the questions of human tasks as a test says. */
export interface DecisionDesk {
  /** Looks whether an event of an execution is a question. */
  onEvent(host: MemoryHost, executionId: string, event: LogEvent): void;
}

/** A desk with the decisions of a test; each question of a task takes the next one that is for that task. */
export function createDecisionDesk(decisions: readonly DecisionSpec[], clock: VirtualClock): DecisionDesk {
  const left = [...decisions];
  // A question is announced again when it is escalated: one answer is enough.
  const answered = new Set<string>();
  return {
    onEvent(host, executionId, { type, data }) {
      if (type !== "task.waiting" || !isMap(data) || !isMap(data.request)) return;
      const { request, name, reference } = data;
      const question = `${executionId}|${String(request.task)}`;
      const index = left.findIndex(({ task }) => task === name || task === reference);
      const [decision] = index < 0 || answered.has(question) ? [] : left.splice(index, 1);
      if (decision === undefined) return;
      answered.add(question);
      const { outcome, after, data: form } = decision;
      const by = decision.by ?? firstApprover(request.approvers);
      const answer = { task: request.task ?? null, outcome, by, ...(form === undefined ? {} : { data: form }) };
      const atMs = clock.now() + (after === undefined ? 0 : writtenMs(after));
      clock.setHostTimer(atMs, () => host.find(executionId)?.send("decision", answer));
    },
  };
}

function firstApprover(approvers: Json | undefined): string {
  const [first] = isList(approvers) ? approvers : [];
  return typeof first === "string" ? first : "tester";
}
