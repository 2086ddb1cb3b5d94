import { type BrokenTime, breakTime, secondsOf } from "./calendar.ts";
import { formatTime } from "./date-format.ts";
import { parseTime } from "./date-parse.ts";
import { fail } from "./errors.ts";
import { isArray, type Json } from "./json.ts";
import { quoteJson } from "./json-text.ts";
import { type Natives, native0, native1 } from "./native.ts";

function toList(time: BrokenTime): Json {
  return [time.year, time.month, time.day, time.hours, time.minutes, time.seconds, time.weekday, time.yearDay];
}

/** Reads a list of numbers, year first; what is missing is zero. */
function readList(input: Json, who: string): BrokenTime {
  if (!isArray(input)) return fail(`${who} requires parsed datetime inputs`);
  const at = (index: number): number => {
    const value = input[index] ?? 0;
    return typeof value === "number" && !Number.isNaN(value) ? value : fail(`${who} requires parsed datetime inputs`);
  };
  return {
    year: Math.trunc(at(0)),
    month: Math.trunc(at(1)),
    day: Math.trunc(at(2)),
    hours: Math.trunc(at(3)),
    minutes: Math.trunc(at(4)),
    seconds: Math.trunc(at(5)),
    weekday: Math.trunc(at(6)),
    yearDay: Math.trunc(at(7)),
  };
}

const MAX_SECONDS = 1e15;

function toTime(seconds: Json, who: string): BrokenTime {
  if (typeof seconds !== "number") return fail(`${who} requires numeric inputs`);
  if (Number.isNaN(seconds)) return { ...breakTime(0), seconds };
  if (Math.abs(seconds) >= MAX_SECONDS) return fail("error converting number of seconds since epoch to datetime");
  return breakTime(seconds);
}

function format(input: Json, pattern: Json, who: string): Json {
  const known = isArray(input) || (typeof input === "number" && Math.abs(input) < MAX_SECONDS);
  if (!known) return fail(`${who} requires parsed datetime inputs`);
  if (typeof pattern !== "string") return fail(`${who} requires a string format`);
  return formatTime(typeof input === "number" ? toTime(input, who) : readList(input, who), pattern);
}

function parse(input: Json, pattern: Json): Json {
  if (typeof input !== "string") return fail(`strptime/1 requires string inputs and arguments`);
  if (typeof pattern !== "string") return fail(`strptime/1 requires string inputs and arguments`);
  const time = parseTime(input, pattern);
  return time === undefined
    ? fail(`date ${quoteJson(input)} does not match format ${quoteJson(pattern)}`)
    : toList(time);
}

function makeTime(input: Json): Json {
  if (!isArray(input)) return fail("mktime requires array inputs");
  return secondsOf(readList(input, "mktime"));
}

/** Functions on dates; local time is UTC, because the engine asks no host for its zone. */
export const DATE_NATIVES: Natives = {
  "gmtime/0": native0((_run, input) => toList(toTime(input, "gmtime()"))),
  "localtime/0": native0((_run, input) => toList(toTime(input, "localtime()"))),
  "mktime/0": native0((_run, input) => makeTime(input)),
  "strftime/1": native1((_run, input, pattern) => format(input, pattern, "strftime/1")),
  "strflocaltime/1": native1((_run, input, pattern) => format(input, pattern, "strflocaltime/1")),
  "strptime/1": native1((_run, input, pattern) => parse(input, pattern)),
};
