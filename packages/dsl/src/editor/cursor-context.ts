import type { Json } from "../json.ts";
import type { Position } from "../text/diagnostic.ts";
import { readPlaces } from "./yaml-places.ts";

/** Stands in the text where the cursor is while it is read. */
const MARK = "x-cursor-mark";

/** What is being written at a cursor. */
export interface CursorContext {
  /** `key`: the name of a member of `path`, or an item of the list; `value`: the value at `path`. */
  readonly on: "key" | "value";
  readonly path: readonly string[];
  /** What is written so far of the key or value. */
  readonly prefix: string;
  /** The document with the mark in place of what is written. */
  readonly root: Json;
  /** True where the rest of the line has the colon already. */
  readonly hasColon: boolean;
}

/** Finds out what is being written; undefined inside comments, and where nothing can be made of it. */
export function cursorContext(text: string, { line, column }: Position): CursorContext | undefined {
  const lines = text.split("\n");
  const whole = lines[line - 1] ?? "";
  const before = whole.slice(0, column - 1);
  const after = whole.slice(column - 1);
  if (/(^|\s)#/.test(before.replaceAll(/"[^"]*"|'[^']*'/g, ""))) return undefined;
  const written = splitLine(before);
  const word = /^[\w.$/-]*/.exec(after)?.[0] ?? "";
  const rest = after.slice(word.length);
  const hasColon = written.on === "key" && /^["']?\s*:/.test(rest);
  const marked = written.on === "value" ? markValue(written, after) : markKey(written, rest, hasColon);
  const places = readPlaces([...lines.slice(0, line - 1), marked, ...lines.slice(line)].join("\n"));
  const mark = places.places.find(({ path }) => path.at(-1) === MARK);
  if (written.on === "key") {
    if (mark === undefined) return undefined;
    return { on: "key", path: mark.path.slice(0, -1), prefix: written.prefix, root: places.value, hasColon };
  }
  const value = places.places.find((place) => valueAt(places.value, place.path) === MARK);
  if (value === undefined) return undefined;
  return { on: "value", path: value.path, prefix: written.prefix, root: places.value, hasColon: false };
}

interface WrittenLine {
  readonly on: "key" | "value";
  /** Everything before what is written now. */
  readonly head: string;
  readonly prefix: string;
  /** The quote that was opened before it. */
  readonly quote: string;
  /** True inside braces or brackets. */
  readonly isFlow: boolean;
}

/** Splits the line before the cursor where the key or value that is being written begins. */
function splitLine(before: string): WrittenLine {
  let start = /^\s*(?:-\s+)*/.exec(before)?.[0].length ?? 0;
  let on: "key" | "value" = "key";
  let flow = 0;
  for (let at = start; at < before.length; at++) {
    const character = before[at] ?? "";
    if ((character === '"' || character === "'") && before.slice(start, at).trim() === "") {
      const end = before.indexOf(character, at + 1);
      if (end < 0) break;
      at = end;
    } else if (before.startsWith("${", at)) {
      const end = before.indexOf("}", at);
      if (end < 0) break;
      at = end;
    } else if (isFlowStart(character, flow, before.slice(start, at))) {
      if (character !== ",") flow++;
      on = "key";
      start = at + 1;
    } else if ((character === "}" || character === "]") && flow > 0) {
      flow--;
    } else if (character === ":" && on === "key" && /^(\s|$)/.test(before.slice(at + 1))) {
      on = "value";
      start = at + 1;
    }
  }
  const written = /^(\s*["']?)(.*)$/s.exec(before.slice(start));
  const [, lead = "", prefix = ""] = written ?? [];
  const head = `${before.slice(0, start)}${lead.replace(/["']$/, "")}`;
  const quote = /["']$/.exec(lead)?.[0] ?? "";
  return { on, prefix, quote, isFlow: flow > 0, head: on === "value" && /:$/.test(head) ? `${head} ` : head };
}

/** Braces and brackets open a flow collection only where a value begins; commas part one. */
function isFlowStart(character: string, flow: number, beforeIt: string): boolean {
  if (character === ",") return flow > 0;
  return (character === "{" || character === "[") && beforeIt.trim() === "";
}

function markKey({ head, quote, isFlow }: WrittenLine, rest: string, hasColon: boolean): string {
  const behind = quote !== "" && rest.startsWith(quote) ? rest.slice(1) : rest;
  return hasColon ? `${head}${MARK}${behind}` : `${head}${MARK}: ${isFlow ? closing(behind) : ""}`;
}

function markValue({ head, quote, isFlow }: WrittenLine, after: string): string {
  const end = quote === "" ? -1 : after.indexOf(quote);
  return `${head}${MARK}${isFlow ? closing(after.slice(end + 1)) : ""}`;
}

/** What closes flow collections that were opened before the cursor. */
function closing(rest: string): string {
  const at = rest.search(/[,}\]]/);
  return at < 0 ? "" : rest.slice(at);
}

function valueAt(root: Json, path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (value, key) => (typeof value === "object" && value !== null ? Reflect.get(value, key) : undefined),
    root,
  );
}

/** Whether a key is the cursor's own mark. */
export function isMark(key: string): boolean {
  return key === MARK;
}
