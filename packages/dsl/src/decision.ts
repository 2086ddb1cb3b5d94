import { isList, isObject, type Json, property } from "./json.ts";
import { describeSchemaProblems, validateSchema } from "./schema/validate-schema.ts";
import { didYouMean } from "./text/suggest-name.ts";

/** A question to people, as it stands in the event log (`task.waiting`, member `request`). */
export type DecisionRequest = {
  /** Names the run of the task; a decision must name it too. */
  readonly task: string;
  readonly title: string;
  readonly description?: string;
  readonly outcomes: readonly string[];
  /** JSON Schema of the decision's data. */
  readonly form?: Json;
  readonly data?: Json;
  /** Who may decide; absent means anybody. */
  readonly approvers?: readonly string[];
};

/** What a human answered, as it comes in by the inbox (kind `decision`). */
export type Decision = {
  readonly task: string;
  readonly outcome: string;
  readonly data?: Json;
  /** Who decided; whoever puts the decision into the inbox vouches for it. */
  readonly by: string;
};

/** True for data with the structure of a decision, whatever it decides. */
export function isDecision(data: Json): data is Decision {
  return isObject(data) && ["task", "outcome", "by"].every((name) => typeof property(data, name) === "string");
}

/**
 * Why a decision cannot be the answer to a request.
 *
 * @returns undefined when it can
 */
export function decisionProblem(request: DecisionRequest, decision: Decision): string | undefined {
  const { outcome, by, data = null } = decision;
  if (decision.task !== request.task) return `It answers "${decision.task}", not "${request.task}"`;
  if (request.approvers !== undefined && !request.approvers.includes(by))
    return `"${by}" may not decide this; ${request.approvers.join(", ")} may`;
  if (!request.outcomes.includes(outcome)) {
    const hint = didYouMean(outcome, request.outcomes) ?? `They are ${request.outcomes.join(", ")}.`;
    return `"${outcome}" is none of the outcomes. ${hint}`;
  }
  const problems = request.form === undefined ? [] : validateSchema(request.form, data);
  return problems.length === 0 ? undefined : `The data does not fit the form: ${describeSchemaProblems(problems)}`;
}

/** Reads a request back from an event log. */
export function isDecisionRequest(data: Json | undefined): data is DecisionRequest {
  return (
    isObject(data) &&
    typeof data.task === "string" &&
    typeof data.title === "string" &&
    isTexts(data.outcomes) &&
    (data.approvers === undefined || isTexts(data.approvers))
  );
}

function isTexts(value: Json | undefined): boolean {
  return isList(value) && value.every((item) => typeof item === "string");
}
