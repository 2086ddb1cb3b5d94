import { accessValue, sliceValue } from "./access.ts";
import { splitText } from "./arithmetic.ts";
import { findAllCodePoints, fromCodePoints, toCodePoints } from "./code-points.ts";
import { describe, fail } from "./errors.ts";
import { findIndices } from "./indices.ts";
import { isArray, type Json } from "./json.ts";
import { type MakeCall, type Natives, native0, native1 } from "./native.ts";
import type { Run } from "./run.ts";

const BLANKS = new Set([
  ...[0x09, 0x0a, 0x0b, 0x0c, 0x0d, 0x20, 0x85, 0xa0, 0x1680, 0x2028, 0x2029, 0x202f, 0x205f, 0x3000],
  ...[0x2000, 0x2001, 0x2002, 0x2003, 0x2004, 0x2005, 0x2006, 0x2007, 0x2008, 0x2009, 0x200a],
]);

function trim(input: Json, sides: { readonly start: boolean; readonly end: boolean }): Json {
  if (typeof input !== "string") return fail("trim input must be a string");
  let from = 0;
  let to = input.length;
  while (sides.start && from < to && BLANKS.has(input.charCodeAt(from))) from++;
  while (sides.end && to > from && BLANKS.has(input.charCodeAt(to - 1))) to--;
  return input.slice(from, to);
}

function cutStart(input: Json, part: Json): Json {
  if (typeof input !== "string" || typeof part !== "string") return fail("startswith() requires string inputs");
  return input.startsWith(part) ? input.slice(part.length) : input;
}

function cutEnd(input: Json, part: Json): Json {
  if (typeof input !== "string" || typeof part !== "string") return fail("endswith() requires string inputs");
  return input.endsWith(part) ? input.slice(0, input.length - part.length) : input;
}

function changeAscii(input: Json, change: (letter: string) => string, range: RegExp): Json {
  return typeof input === "string" ? input.replace(range, change) : fail("explode input must be a string");
}

function implode(input: Json): Json {
  if (!isArray(input)) return fail("implode input must be an array");
  return fromCodePoints(
    input.map((point) =>
      typeof point === "number" && !Number.isNaN(point)
        ? point
        : fail(`${describe(point)} can't be imploded, unicode codepoint needs to be numeric`),
    ),
  );
}

/** `indices`: places of a text or a sequence; for other kinds the value under the key, as jq defines it. */
function indicesOf(run: Run, input: Json, wanted: Json): Json {
  if (typeof input === "string" && typeof wanted === "string") return textIndices(run, input, wanted);
  if (isArray(input)) return findIndices(run, input, isArray(wanted) ? wanted : [wanted]);
  return accessValue(run, input, wanted);
}

function textIndices(run: Run, input: Json, wanted: Json): Json {
  if (typeof input !== "string") return fail(`${describe(input)} cannot be searched, as it is not a string`);
  if (typeof wanted !== "string") return fail(`${describe(wanted)} is not a string`);
  run.tick(input.length >> 3);
  return findAllCodePoints(input, wanted);
}

function pickIndex(side: "first" | "last"): MakeCall {
  return native1((run, input, wanted) => {
    const found = indicesOf(run, input, wanted);
    if (side === "first") return accessValue(run, found, 0);
    return accessValue(run, sliceValue(run, found, -1, null), 0);
  });
}

function split(run: Run, input: Json, separator: Json): Json {
  if (typeof input === "string" && typeof separator === "string") return splitText(run, input, separator);
  return fail("split input and separator must be strings");
}

/** Functions on strings. */
export const STRING_NATIVES: Natives = {
  "startswith/1": native1((_run, input, part) =>
    typeof input === "string" && typeof part === "string"
      ? input.startsWith(part)
      : fail("startswith() requires string inputs"),
  ),
  "endswith/1": native1((_run, input, part) =>
    typeof input === "string" && typeof part === "string"
      ? input.endsWith(part)
      : fail("endswith() requires string inputs"),
  ),
  "ltrimstr/1": native1((_run, input, part) => cutStart(input, part)),
  "rtrimstr/1": native1((_run, input, part) => cutEnd(input, part)),
  "trimstr/1": native1((_run, input, part) => cutEnd(cutStart(input, part), part)),
  "trim/0": native0((_run, input) => trim(input, { start: true, end: true })),
  "ltrim/0": native0((_run, input) => trim(input, { start: true, end: false })),
  "rtrim/0": native0((_run, input) => trim(input, { start: false, end: true })),
  "ascii_downcase/0": native0((_run, input) => changeAscii(input, (c) => c.toLowerCase(), /[A-Z]+/g)),
  "ascii_upcase/0": native0((_run, input) => changeAscii(input, (c) => c.toUpperCase(), /[a-z]+/g)),
  "explode/0": native0((run, input) => {
    if (typeof input !== "string") return fail("explode input must be a string");
    run.tick(input.length >> 2);
    return toCodePoints(input);
  }),
  "implode/0": native0((_run, input) => implode(input)),
  "split/1": native1(split),
  "indices/1": native1(indicesOf),
  "_indices/1": native1(indicesOf),
  "_strindices/1": native1(textIndices),
  "index/1": pickIndex("first"),
  "rindex/1": pickIndex("last"),
};
