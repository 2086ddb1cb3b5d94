/** The moments a cron expression names; each list is sorted, days of the week count from Sunday = 0. */
export interface CronSchedule {
  readonly seconds: readonly number[];
  readonly minutes: readonly number[];
  readonly hours: readonly number[];
  readonly daysOfMonth: readonly number[];
  readonly months: readonly number[];
  readonly daysOfWeek: readonly number[];
  /** True when both kinds of days are limited: then one of the two is enough, as cron has it. */
  readonly isEitherDay: boolean;
}

interface FieldRange {
  readonly least: number;
  readonly most: number;
  /** Words for numbers, the first one standing for `least`. */
  readonly words: readonly string[];
}

const MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const DAYS = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

const RANGES: readonly FieldRange[] = [
  { least: 0, most: 59, words: [] },
  { least: 0, most: 59, words: [] },
  { least: 0, most: 23, words: [] },
  { least: 1, most: 31, words: [] },
  { least: 1, most: 12, words: MONTHS },
  { least: 0, most: 7, words: DAYS },
];

const MACROS: Readonly<Record<string, string>> = {
  "@yearly": "0 0 1 1 *",
  "@annually": "0 0 1 1 *",
  "@monthly": "0 0 1 * *",
  "@weekly": "0 0 * * 0",
  "@daily": "0 0 * * *",
  "@midnight": "0 0 * * *",
  "@hourly": "0 * * * *",
};

/**
 * Reads a cron expression of five fields (minute, hour, day of month, month, day of week), of six with seconds before
 * them, or a word such as `@daily`.
 *
 * Fields are lists of `*`, numbers, ranges and steps (`1-5`, `0-30/10`); months and days may be words, and days `?`.
 *
 * @returns undefined when it is none
 */
export function parseCron(text: string): CronSchedule | undefined {
  const trimmed = text.trim().toLowerCase();
  const written = (Object.hasOwn(MACROS, trimmed) ? MACROS[trimmed] : trimmed)?.split(/\s+/) ?? [];
  const fields = written.length === RANGES.length - 1 ? ["0", ...written] : written;
  if (fields.length !== RANGES.length || text.length > 500) return undefined;
  const isDay = (index: number) => index === 3 || index === 5;
  const lists = fields.map((field, index) => readField(isDay(index) && field === "?" ? "*" : field, RANGES[index]));
  const [seconds, minutes, hours, daysOfMonth, months, days] = lists;
  if (!seconds || !minutes || !hours || !daysOfMonth || !months || !days) return undefined;
  const daysOfWeek = [...new Set(days.map((day) => day % 7))].sort((a, b) => a - b);
  const isEitherDay = [fields[3], fields[5]].every((field) => !/^[*?]/.test(field ?? ""));
  return { seconds, minutes, hours, daysOfMonth, months, daysOfWeek, isEitherDay };
}

function readField(field: string, range: FieldRange | undefined): readonly number[] | undefined {
  if (range === undefined) return undefined;
  const values = new Set<number>();
  for (const part of field.split(",")) {
    const numbers = readPart(part, range);
    if (numbers === undefined) return undefined;
    for (const value of numbers) values.add(value);
  }
  return [...values].sort((a, b) => a - b);
}

function readPart(part: string, range: FieldRange): readonly number[] | undefined {
  const match = /^(\*|[a-z0-9]{1,4})(?:-([a-z0-9]{1,4}))?(?:\/(\d{1,4}))?$/.exec(part);
  if (match === null) return undefined;
  const [, from = "", to, every] = match;
  const step = every === undefined ? 1 : Number(every);
  const first = from === "*" ? range.least : readNumber(from, range);
  const last = to !== undefined ? readNumber(to, range) : from === "*" || every !== undefined ? range.most : first;
  if (first === undefined || last === undefined || last < first || step < 1 || (from === "*" && to !== undefined)) {
    return undefined;
  }
  return Array.from({ length: Math.floor((last - first) / step) + 1 }, (_, index) => first + index * step);
}

function readNumber(text: string, { least, most, words }: FieldRange): number | undefined {
  const word = words.indexOf(text);
  const value = word >= 0 ? word + least : /^\d+$/.test(text) ? Number(text) : undefined;
  return value === undefined || value < least || value > most ? undefined : value;
}
