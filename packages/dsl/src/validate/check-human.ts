import { isList, type Json, property } from "../json.ts";
import { joinPointer } from "../text/pointers.ts";
import { didYouMean } from "../text/suggest-name.ts";
import type { Finding, RecordUse } from "./findings.ts";
import { literalMs } from "./literal-duration.ts";

/** Outcomes of a human task that names none. */
export const DEFAULT_OUTCOMES: readonly string[] = ["approve", "reject"];

/** Checks that outcomes are told apart, that the timeout's is one of them, and that escalation comes before it. */
export function checkHumanCall({ value, pointer }: RecordUse): readonly Finding[] {
  const written = property(value, "outcomes");
  const outcomes = isList(written) ? written : DEFAULT_OUTCOMES;
  const timeout = property(value, "timeout");
  return [
    ...checkDuplicates(outcomes, joinPointer(pointer, "outcomes")),
    ...checkOutcome(property(timeout, "outcome"), outcomes, joinPointer(pointer, "timeout")),
    ...checkOrder(timeout, property(value, "escalation"), joinPointer(pointer, "escalation")),
  ];
}

function checkDuplicates(outcomes: readonly Json[], pointer: string): readonly Finding[] {
  return outcomes.flatMap((outcome, index) =>
    outcomes.indexOf(outcome) === index
      ? []
      : [finding("duplicate-outcome", joinPointer(pointer, index), `Outcome "${String(outcome)}" stands here twice`)],
  );
}

function checkOutcome(outcome: Json | undefined, outcomes: readonly Json[], pointer: string): readonly Finding[] {
  if (typeof outcome !== "string" || outcomes.includes(outcome)) return [];
  const known = outcomes.filter((name) => typeof name === "string");
  const message = `"${outcome}" is none of the outcomes`;
  const suggestion = didYouMean(outcome, known) ?? `They are ${known.join(", ")}.`;
  return [{ ...finding("unknown-outcome", joinPointer(pointer, "outcome"), message), suggestion }];
}

function checkOrder(timeout: Json | undefined, escalation: Json | undefined, pointer: string): readonly Finding[] {
  const [endMs, nextMs] = [literalMs(property(timeout, "after")), literalMs(property(escalation, "after"))];
  if (endMs === undefined || nextMs === undefined || nextMs < endMs) return [];
  return [finding("empty-range", joinPointer(pointer, "after"), "The escalation must come before the timeout")];
}

function finding(code: string, pointer: string, message: string): Finding {
  return { code, severity: "error", pointer, at: "value", message };
}
