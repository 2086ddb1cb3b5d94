import { type BrokenTime, breakTime, daysOf, weekdayOf } from "./calendar.ts";
import { DAY_NAMES, expandFormat, MONTH_NAMES } from "./date-format.ts";

/** What a text has told about a time so far. */
interface Fields {
  year: number;
  month: number;
  day: number;
  hours: number;
  minutes: number;
  seconds: number;
  afternoon: boolean | undefined;
  century: number | undefined;
  yearDay: number | undefined;
  epoch: number | undefined;
}

/** Reads one conversion at an offset; the offset behind it, or undefined when it does not fit. */
type Read = (fields: Fields, text: string, at: number) => number | undefined;

function number(digits: number, min: number, max: number, store: (fields: Fields, value: number) => void): Read {
  return (fields, text, at) => {
    let end = skipBlanks(text, at);
    const start = end;
    while (end - start < digits && isDigit(text[end])) end++;
    if (end === start) return undefined;
    const value = Number(text.slice(start, end));
    if (value < min || value > max) return undefined;
    store(fields, value);
    return end;
  };
}

function name(names: readonly string[], store: (fields: Fields, index: number) => void): Read {
  return (fields, text, at) => {
    const rest = text.slice(at, at + 12).toLowerCase();
    for (const [index, full] of names.entries()) {
      const lower = full.toLowerCase();
      const found = [lower, lower.slice(0, 3)].find((candidate) => rest.startsWith(candidate));
      if (found === undefined) continue;
      store(fields, index);
      return at + found.length;
    }
    return undefined;
  };
}

const READERS: Readonly<Record<string, Read>> = {
  a: name(DAY_NAMES, () => undefined),
  A: name(DAY_NAMES, () => undefined),
  b: name(MONTH_NAMES, setMonth),
  B: name(MONTH_NAMES, setMonth),
  h: name(MONTH_NAMES, setMonth),
  C: number(2, 0, 99, (fields, value) => {
    fields.century = value;
  }),
  d: number(2, 1, 31, setDay),
  e: number(2, 1, 31, setDay),
  H: number(2, 0, 23, setHours),
  k: number(2, 0, 23, setHours),
  I: number(2, 1, 12, setHours),
  l: number(2, 1, 12, setHours),
  j: number(3, 1, 366, (fields, value) => {
    fields.yearDay = value - 1;
  }),
  m: number(2, 1, 12, (fields, value) => setMonth(fields, value - 1)),
  M: number(2, 0, 59, (fields, value) => {
    fields.minutes = value;
  }),
  S: number(2, 0, 61, (fields, value) => {
    fields.seconds = value;
  }),
  u: number(1, 1, 7, () => undefined),
  w: number(1, 0, 6, () => undefined),
  U: number(2, 0, 53, () => undefined),
  W: number(2, 0, 53, () => undefined),
  V: number(2, 1, 53, () => undefined),
  g: number(2, 0, 99, () => undefined),
  G: number(4, 0, 9999, () => undefined),
  y: number(2, 0, 99, (fields, value) => {
    fields.year = value < 69 ? 2000 + value : 1900 + value;
  }),
  Y: readYear,
  p: readHalf,
  P: readHalf,
  s: number(15, 0, 1e15, (fields, value) => {
    fields.epoch = value;
  }),
  z: readOffset,
  Z: readZone,
  n: (_fields, text, at) => skipBlanks(text, at),
  t: (_fields, text, at) => skipBlanks(text, at),
  "%": (_fields, text, at) => (text[at] === "%" ? at + 1 : undefined),
};

function setMonth(fields: Fields, month: number): void {
  fields.month = month;
}

function setDay(fields: Fields, day: number): void {
  fields.day = day;
}

function setHours(fields: Fields, hours: number): void {
  fields.hours = hours;
}

function readYear(fields: Fields, text: string, at: number): number | undefined {
  const sign = text[at] === "-" || text[at] === "+" ? 1 : 0;
  let end = at + sign;
  while (end - at - sign < 4 && isDigit(text[end])) end++;
  if (end === at + sign) return undefined;
  fields.year = Number(text.slice(at, end));
  return end;
}

function readHalf(fields: Fields, text: string, at: number): number | undefined {
  const half = text.slice(at, at + 2).toLowerCase();
  if (half !== "am" && half !== "pm") return undefined;
  fields.afternoon = half === "pm";
  return at + 2;
}

/** An offset is read and forgotten, as jq does. */
function readOffset(_fields: Fields, text: string, at: number): number | undefined {
  const start = skipBlanks(text, at);
  if (text[start] === "Z") return start + 1;
  const match = /^[+-]\d\d(?::?\d\d)?/.exec(text.slice(start, start + 6));
  return match === null ? undefined : start + match[0].length;
}

function readZone(_fields: Fields, text: string, at: number): number | undefined {
  let end = at;
  while (/^[A-Za-z]$/.test(text[end] ?? "")) end++;
  return end;
}

function skipBlanks(text: string, at: number): number {
  let end = at;
  while (/^\s$/.test(text[end] ?? "")) end++;
  return end;
}

function isDigit(unit: string | undefined): boolean {
  return unit !== undefined && unit >= "0" && unit <= "9";
}

/** Reads a time by a format of C's `strptime`; undefined when the text does not fit it completely. */
export function parseTime(text: string, rawFormat: string): BrokenTime | undefined {
  const format = expandFormat(rawFormat);
  const fields: Fields = {
    ...{ year: 1970, month: 0, day: 1, hours: 0, minutes: 0, seconds: 0 },
    ...{ afternoon: undefined, century: undefined, yearDay: undefined, epoch: undefined },
  };
  let at = 0;
  for (let i = 0; i < format.length; i++) {
    const unit = format[i] ?? "";
    let next: number | undefined;
    if (/^\s$/.test(unit)) next = skipBlanks(text, at);
    else if (unit !== "%") next = text[at] === unit ? at + 1 : undefined;
    else {
      i++;
      const letter = format[i] ?? "";
      next = Object.hasOwn(READERS, letter) ? READERS[letter]?.(fields, text, at) : undefined;
    }
    if (next === undefined) return undefined;
    at = next;
  }
  return at === text.length ? finish(fields) : undefined;
}

function finish(fields: Fields): BrokenTime {
  if (fields.epoch !== undefined) return breakTime(fields.epoch);
  const year = fields.century === undefined ? fields.year : fields.century * 100 + (((fields.year % 100) + 100) % 100);
  const half = fields.afternoon === undefined ? fields.hours : (fields.hours % 12) + (fields.afternoon ? 12 : 0);
  if (fields.yearDay !== undefined && fields.month === 0 && fields.day === 1) {
    const start = breakTime((daysOf(year, 0, 1) + fields.yearDay) * 86_400);
    return { ...start, hours: half, minutes: fields.minutes, seconds: fields.seconds };
  }
  const days = daysOf(year, fields.month, fields.day);
  return {
    year,
    month: fields.month,
    day: fields.day,
    hours: half,
    minutes: fields.minutes,
    seconds: fields.seconds,
    weekday: weekdayOf(days),
    yearDay: days - daysOf(year, 0, 1),
  };
}
