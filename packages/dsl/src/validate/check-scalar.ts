import { isExpression } from "../flow/expression-text.ts";
import type { IntegerShape, NumberShape, Shape, TextShape } from "../grammar/shape.ts";
import { TEXT_FORMATS } from "../grammar/text-formats.ts";
import { isList, isObject, type Json } from "../json.ts";
import { didYouMean } from "../text/suggest-name.ts";
import type { Spot } from "./findings.ts";

/** Checks a text: its type, its values and its format; expressions are left to the pass over expressions. */
export function checkText(shape: TextShape, spot: Spot, at: "key" | "value" = "value"): void {
  const { value, pointer, scope, walk } = spot;
  if (typeof value !== "string") return reportWrongType("a text", spot, quoteHint(value));
  if (shape.expression === "always") {
    walk.texts.push({ pointer, text: value, kind: "always", scope });
  } else if (shape.expression === "wrapped") {
    walk.texts.push({ pointer, text: value, kind: shape.isCode === true ? "code" : "wrapped", scope });
    if (!isExpression(value)) checkLiteral(shape, value, spot, at);
  } else {
    checkLiteral(shape, value, spot, at);
  }
}

function checkLiteral(shape: TextShape, value: string, { pointer, walk }: Spot, at: "key" | "value"): void {
  if (shape.values !== undefined && !shape.values.includes(value)) {
    walk.findings.push({
      code: "wrong-value",
      severity: "error",
      pointer,
      at,
      message: `"${shorten(value)}" is not allowed here: it must be one of ${shape.values.join(", ")}`,
      suggestion: didYouMean(value, shape.values),
    });
  }
  const format = shape.format === undefined ? undefined : TEXT_FORMATS.get(shape.format);
  if (format === undefined || format.test(value)) return;
  walk.findings.push({
    code: `invalid-${shape.format}`,
    severity: "error",
    pointer,
    at,
    message: `"${shorten(value)}" is not allowed here: it must be ${format.expected}`,
    suggestion: format.suggestion,
  });
}

/** Checks a number: its type and its range. */
export function checkNumber(shape: IntegerShape | NumberShape, spot: Spot): void {
  const { value, pointer, scope, walk } = spot;
  const mayBeExpression = shape.kind === "integer" && shape.expression === "wrapped";
  if (typeof value === "string" && mayBeExpression && isExpression(value)) {
    walk.texts.push({ pointer, text: value, kind: "wrapped", scope });
    return;
  }
  if (typeof value !== "number" || (shape.kind === "integer" && !Number.isInteger(value))) {
    return reportWrongType(shape.kind === "integer" ? "a whole number" : "a number", spot);
  }
  if (value >= shape.minimum && value <= shape.maximum) return;
  const range =
    shape.maximum === Number.MAX_SAFE_INTEGER
      ? `at least ${shape.minimum}`
      : `between ${shape.minimum} and ${shape.maximum}`;
  walk.findings.push({
    code: "out-of-range",
    severity: "error",
    pointer,
    at: "value",
    message: `${value} is not allowed here: it must be ${range}`,
  });
}

/** Checks a boolean. */
export function checkBoolean(spot: Spot): void {
  if (typeof spot.value !== "boolean") reportWrongType("true or false", spot);
}

/** Reports a value of another type than the one expected. */
export function reportWrongType(expected: string, { value, pointer, walk }: Spot, suggestion?: string): void {
  walk.findings.push({
    code: "wrong-type",
    severity: "error",
    pointer,
    at: value === null ? "key" : "value",
    message:
      value === null
        ? `There must be ${expected} here, it is empty`
        : `There must be ${expected} here, not ${describeKind(value)}`,
    suggestion,
  });
}

/** What a value is, in the words of messages. */
function describeKind(value: Json): string {
  if (value === null) return "nothing";
  if (isList(value)) return "a list";
  if (isObject(value)) return "a map";
  return typeof value === "string" ? "a text" : `${value}`;
}

/** What a shape asks for, in the words of messages. */
export function expectedKind(shape: Shape): string {
  switch (shape.kind) {
    case "text":
      return shape.expression === "always" ? "an expression" : "a text";
    case "integer":
    case "number":
      return "a number";
    case "boolean":
      return "true or false";
    case "list":
    case "named-list":
      return "a list";
    case "map":
    case "record":
    case "variant":
      return "a map";
    case "choice":
    case "data":
    case "lazy":
      return "a value";
  }
}

function quoteHint(value: Json): string | undefined {
  return typeof value === "number" || typeof value === "boolean" ? `Put it in quotes: "${value}".` : undefined;
}

function shorten(text: string): string {
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
