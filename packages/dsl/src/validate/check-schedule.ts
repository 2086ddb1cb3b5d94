import { parseCron } from "../cron.ts";
import { type Json, property } from "../json.ts";
import { nextOccurrence } from "../next-occurrence.ts";
import { joinPointer } from "../text/pointers.ts";
import type { Finding, RecordUse } from "./findings.ts";
import { literalMs } from "./literal-duration.ts";

const STARTERS = ["every", "cron", "after", "on"];

/** Checks that a schedule starts runs at all, and not one after the other without a pause. */
export function checkSchedule({ value, pointer }: RecordUse): readonly Finding[] {
  if (!STARTERS.some((name) => Object.hasOwn(value, name))) {
    const message = `A schedule needs one of ${STARTERS.join(", ")}`;
    return [{ code: "missing-field", severity: "error", pointer, at: "key", message }];
  }
  return [
    ...STARTERS.filter((name) => literalMs(property(value, name)) === 0).map((name) =>
      finding("empty-duration", joinPointer(pointer, name), "A schedule must let time pass between two runs"),
    ),
    ...checkCron(property(value, "cron"), pointer),
  ];
}

function checkCron(cron: Json | undefined, pointer: string): readonly Finding[] {
  if (typeof cron !== "string" || parseCron(cron) === undefined || nextOccurrence({ cron }, 0) !== undefined) return [];
  return [finding("empty-range", joinPointer(pointer, "cron"), `"${cron}" names a day that never comes`)];
}

function finding(code: string, pointer: string, message: string): Finding {
  return { code, severity: "error", pointer, at: "value", message };
}
