/** A date and time in UTC, as in C's `struct tm` but with the full year. */
export interface BrokenTime {
  readonly year: number;
  /** 0 to 11. */
  readonly month: number;
  readonly day: number;
  readonly hours: number;
  readonly minutes: number;
  /** May have a fraction. */
  readonly seconds: number;
  /** 0 is Sunday. */
  readonly weekday: number;
  /** 0 is January 1st. */
  readonly yearDay: number;
}

const DAY_SECONDS = 86_400;

/** Days from 1970-01-01 to a date of the Gregorian calendar; months outside 0 to 11 carry over. */
export function daysOf(year: number, month: number, day: number): number {
  const carried = year + Math.floor(month / 12);
  const index = ((month % 12) + 12) % 12;
  const shifted = index < 2 ? carried - 1 : carried;
  const era = Math.floor(shifted / 400);
  const yearOfEra = shifted - era * 400;
  const dayOfYear = Math.floor((153 * (index < 2 ? index + 10 : index - 2) + 2) / 5) + day - 1;
  return (
    era * 146_097 + yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear - 719_468
  );
}

/** Seconds since 1970 of a date and time. */
export function secondsOf(time: Omit<BrokenTime, "weekday" | "yearDay">): number {
  return daysOf(time.year, time.month, time.day) * DAY_SECONDS + time.hours * 3600 + time.minutes * 60 + time.seconds;
}

/** Date and time of seconds since 1970; a fraction stays with the seconds. */
export function breakTime(seconds: number): BrokenTime {
  const whole = Math.floor(seconds);
  const days = Math.floor(whole / DAY_SECONDS);
  const rest = whole - days * DAY_SECONDS;
  const { year, month, day } = dateOf(days);
  return {
    year,
    month,
    day,
    hours: Math.floor(rest / 3600),
    minutes: Math.floor(rest / 60) % 60,
    seconds: (rest % 60) + (seconds - whole),
    weekday: weekdayOf(days),
    yearDay: days - daysOf(year, 0, 1),
  };
}

/** Day of the week of a day number, 0 is Sunday. */
export function weekdayOf(days: number): number {
  return (((days + 4) % 7) + 7) % 7;
}

function dateOf(days: number): { readonly year: number; readonly month: number; readonly day: number } {
  const shifted = days + 719_468;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const index = Math.floor((5 * dayOfYear + 2) / 153);
  const day = dayOfYear - Math.floor((153 * index + 2) / 5) + 1;
  const month = index < 10 ? index + 2 : index - 10;
  return { year: yearOfEra + era * 400 + (month < 2 ? 1 : 0), month, day };
}

/** ISO 8601 week number and the year it belongs to. */
export function isoWeek(time: BrokenTime): { readonly year: number; readonly week: number } {
  const fromMonday = (time.weekday + 6) % 7;
  const thursday = time.yearDay - fromMonday + 3;
  if (thursday < 0) return { year: time.year - 1, week: weekOf(thursday + yearLength(time.year - 1)) };
  const length = yearLength(time.year);
  if (thursday >= length) return { year: time.year + 1, week: weekOf(thursday - length) };
  return { year: time.year, week: weekOf(thursday) };
}

function weekOf(thursday: number): number {
  return Math.floor(thursday / 7) + 1;
}

function yearLength(year: number): number {
  return daysOf(year + 1, 0, 1) - daysOf(year, 0, 1);
}
