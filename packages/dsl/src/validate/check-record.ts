import type { RecordShape } from "../grammar/shape.ts";
import type { JsonObject } from "../json.ts";
import { TASK_KINDS } from "../tasks.ts";
import { joinPointer } from "../text/pointers.ts";
import { didYouMean } from "../text/suggest-name.ts";
import type { Spot } from "./findings.ts";

/** Checks which fields of a record are there: required ones, groups of which one counts, companions. */
export function checkRecordRules(shape: RecordShape, value: JsonObject, spot: Spot): void {
  for (const field of shape.fields) {
    if (field.isRequired && !Object.hasOwn(value, field.name)) reportMissing(shape, field.name, spot);
  }
  for (const group of shape.exactlyOne ?? []) checkGroup(shape, group, value, spot, 1);
  for (const group of shape.atMostOne ?? []) checkGroup(shape, group, value, spot, 0);
  for (const [name, companion] of shape.onlyWith ?? []) {
    if (!Object.hasOwn(value, name) || Object.hasOwn(value, companion)) continue;
    spot.walk.findings.push({
      code: "misplaced-field",
      severity: "error",
      pointer: joinPointer(spot.pointer, name),
      at: "key",
      message: `"${name}" is only allowed together with "${companion}"`,
    });
  }
}

/**
 * Reports a member that a record does not know.
 *
 * An open record ignores it with a warning, unless it is near to a known name and so most likely a slip.
 */
export function reportUnknownMember(shape: RecordShape, name: string, pointer: string, { value, walk }: Spot): void {
  const known = shape.fields.map((field) => field.name);
  if (shape.rest === "warn" && /^(?:x-|\$)/.test(name)) return;
  if (isOtherKind(shape, name)) {
    walk.findings.push({
      code: "several-kinds",
      severity: "error",
      pointer,
      at: "key",
      message: `A task does one thing: "${name}" stands beside what makes it a ${shape.name}`,
      suggestion: "Make two tasks of it.",
    });
    return;
  }
  const free = known.filter(
    (candidate) => typeof value !== "object" || value === null || !Object.hasOwn(value, candidate),
  );
  const nearest = didYouMean(name, free);
  walk.findings.push({
    code: "unknown-field",
    severity: shape.rest === "warn" && nearest === undefined ? "warning" : "error",
    pointer,
    at: "key",
    message: `Unknown field "${name}" in ${withArticle(shape.name)}`,
    suggestion: nearest ?? `Known fields are ${known.join(", ")}.`,
  });
}

function isOtherKind(shape: RecordShape, name: string): boolean {
  return shape.name.endsWith(" task") && TASK_KINDS.some((kind) => kind === name);
}

function reportMissing(shape: RecordShape, name: string, { pointer, walk }: Spot): void {
  walk.findings.push({
    code: "missing-field",
    severity: "error",
    pointer,
    at: "key",
    message: `Field "${name}" is missing in ${withArticle(shape.name)}`,
    suggestion: `Add "${name}:".`,
  });
}

function checkGroup(shape: RecordShape, group: readonly string[], value: JsonObject, spot: Spot, least: 0 | 1): void {
  const present = Object.keys(value).filter((name) => group.includes(name));
  if (present.length === 0 && least === 1) {
    spot.walk.findings.push({
      code: "missing-field",
      severity: "error",
      pointer: spot.pointer,
      at: "key",
      message: `${capitalise(withArticle(shape.name))} needs one of ${group.join(", ")}`,
    });
  }
  for (const name of present.slice(1)) {
    spot.walk.findings.push({
      code: "exclusive-fields",
      severity: "error",
      pointer: joinPointer(spot.pointer, name),
      at: "key",
      message: `"${name}" cannot stand beside "${present[0]}": ${withArticle(shape.name)} has one of ${group.join(", ")}`,
    });
  }
}

function withArticle(noun: string): string {
  return `${/^(?:[aeio]|MCP|A2A|HTTP call)/i.test(noun) ? "an" : "a"} ${noun}`;
}

function capitalise(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}
