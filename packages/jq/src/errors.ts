import { toUtf8 } from "./code-points.ts";
import { type Json, kindOf } from "./json.ts";
import { dumpJson, dumpStart } from "./json-text.ts";

export { fail, Raise } from "./raise.ts";

/** A place in the text of a filter; `line` and `column` count from 1, `offset` from 0 in UTF-16 units. */
export interface JqPosition {
  readonly offset: number;
  readonly line: number;
  readonly column: number;
}

/** A failure of a filter at run time, as jq's `error(value)`. */
export class JqError extends Error {
  override readonly name = "JqError";
  /** The error value that `catch` would see; mostly a string. */
  readonly value: Json;
  /** Where in the filter the failing operation stands, when known. */
  readonly position?: JqPosition;

  constructor(value: Json, position?: JqPosition) {
    super(typeof value === "string" ? value : `${dumpJson(value)} (not a string)`);
    this.value = value;
    if (position !== undefined) this.position = position;
  }
}

/** The budgets a run can exhaust. */
export type JqLimitKind = "steps" | "outputs" | "string-length" | "depth" | "size" | "time";

/** A run that was ended because a budget was used up; never caught by `try` in a filter. */
export class JqLimitError extends Error {
  override readonly name = "JqLimitError";
  /** Which budget ended the run. */
  readonly limit: JqLimitKind;

  constructor(limit: JqLimitKind, message: string) {
    super(message);
    this.limit = limit;
  }
}

const SHOWN_BYTES = 29;

/** `kind (text)` of a value, the text cut to 29 bytes, as jq's messages show values. */
export function describe(value: Json): string {
  return `${kindOf(value)} (${cutText(dumpStart(value, 64), value)})`;
}

/** The text that jq shows for a value in messages about paths. */
export function describeShort(value: Json): string {
  return cutText(dumpStart(value, 64), value);
}

function cutText(text: string, value: Json): string {
  if (text.length <= SHOWN_BYTES && toUtf8(text).length <= SHOWN_BYTES) return text;
  const close = typeof value === "string" ? '"' : Array.isArray(value) ? "]" : kindOf(value) === "object" ? "}" : "";
  let left = SHOWN_BYTES - 3 - close.length;
  let kept = "";
  for (const point of text) {
    left -= toUtf8(point).length;
    if (left < 0) break;
    kept += point;
  }
  return `${kept}...${close}`;
}
