import { isList, isObject, type Json } from "../json.ts";
import { matchesPattern } from "../patterns.ts";
import { canonicalText, sameJson } from "../same-json.ts";
import { matchesFormat } from "./formats.ts";
import { type Keyword, listOf } from "./schema-run.ts";

/** Keywords about a value itself: its type, constants, numbers and texts. */
export const VALUE_KEYWORDS: readonly (readonly [string, Keyword])[] = [
  ["type", checkType],
  ["enum", checkEnum],
  ["const", checkConst],
  ["minimum", bound((value, limit) => value >= limit, "at least")],
  ["maximum", bound((value, limit) => value <= limit, "at most")],
  ["exclusiveMinimum", bound((value, limit) => value > limit, "greater than")],
  ["exclusiveMaximum", bound((value, limit) => value < limit, "less than")],
  ["multipleOf", checkMultiple],
  ["minLength", textLength((length, limit) => length >= limit, "at least")],
  ["maxLength", textLength((length, limit) => length <= limit, "at most")],
  ["pattern", checkPattern],
  ["format", checkFormat],
];

/** Type of a value in JSON Schema's words; whole numbers are `integer`. */
function schemaTypeOf(value: Json): string {
  if (value === null) return "null";
  if (isList(value)) return "array";
  if (isObject(value)) return "object";
  if (typeof value === "number") return Number.isInteger(value) ? "integer" : "number";
  return typeof value;
}

function checkType(...[argument, value, context]: Parameters<Keyword>): void {
  const allowed = isList(argument) ? argument : [argument];
  const actual = schemaTypeOf(value);
  if (allowed.includes(actual) || (actual === "integer" && allowed.includes("number"))) return;
  context.fail(`must be ${allowed.join(" or ")}, is ${actual}`);
}

function checkEnum(...[argument, value, context]: Parameters<Keyword>): void {
  const allowed = listOf(argument);
  context.run.spend(allowed.length);
  if (!allowed.some((candidate) => sameJson(candidate, value))) {
    context.fail(`must be one of ${allowed.slice(0, 10).map(canonicalText).join(", ")}`);
  }
}

function checkConst(...[argument, value, context]: Parameters<Keyword>): void {
  if (!sameJson(argument, value)) context.fail(`must be ${canonicalText(argument).slice(0, 100)}`);
}

function bound(holds: (value: number, limit: number) => boolean, words: string): Keyword {
  return (argument, value, context) => {
    if (typeof argument !== "number" || typeof value !== "number" || holds(value, argument)) return;
    context.fail(`must be ${words} ${argument}, is ${value}`);
  };
}

function checkMultiple(...[argument, value, context]: Parameters<Keyword>): void {
  if (typeof argument !== "number" || typeof value !== "number" || argument <= 0) return;
  const quotient = value / argument;
  const isMultiple = Math.abs(quotient - Math.round(quotient)) <= Math.abs(quotient) * 1e-12;
  if (!isMultiple || !Number.isFinite(quotient)) context.fail(`must be a multiple of ${argument}, is ${value}`);
}

function textLength(holds: (length: number, limit: number) => boolean, words: string): Keyword {
  return (argument, value, context) => {
    if (typeof argument !== "number" || typeof value !== "string") return;
    const length = countCodePoints(value);
    if (!holds(length, argument)) context.fail(`must have ${words} ${argument} characters, has ${length}`);
  };
}

function countCodePoints(text: string): number {
  let count = 0;
  for (const _ of text) count++;
  return count;
}

function checkPattern(...[argument, value, context]: Parameters<Keyword>): void {
  if (typeof argument !== "string" || typeof value !== "string") return;
  context.run.spend(1 + value.length / 100);
  const outcome = matchesPattern(argument, value);
  if (outcome === "no") context.fail(`must match the pattern ${argument}`);
  else if (outcome !== "yes") context.fail(`cannot be checked against the pattern ${argument}: ${outcome}`);
}

function checkFormat(...[argument, value, context]: Parameters<Keyword>): void {
  if (typeof argument !== "string" || typeof value !== "string") return;
  if (!matchesFormat(argument, value)) context.fail(`must be a valid ${argument}`);
}
