import { type BrokenTime, isoWeek, secondsOf } from "./calendar.ts";

/** Names of days, Sunday first. */
export const DAY_NAMES: readonly string[] = [
  ...["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"],
];

/** Names of months. */
export const MONTH_NAMES: readonly string[] = [
  ...["January", "February", "March", "April", "May", "June", "July", "August", "September", "October"],
  ...["November", "December"],
];

type Show = (time: BrokenTime) => string;

function pad(value: number, width: number, fill = "0"): string {
  const text = String(Math.abs(Math.floor(value)));
  return (value < 0 ? "-" : "") + text.padStart(width, fill);
}

function hour12(time: BrokenTime): number {
  return time.hours % 12 === 0 ? 12 : time.hours % 12;
}

function dayName(time: BrokenTime): string {
  return DAY_NAMES[time.weekday] ?? "?";
}

function monthName(time: BrokenTime): string {
  return MONTH_NAMES[time.month] ?? "?";
}

/** Conversions of C's `strftime` in the C locale and UTC. */
const CONVERSIONS: Readonly<Record<string, Show>> = {
  a: (time) => dayName(time).slice(0, 3),
  A: dayName,
  b: (time) => monthName(time).slice(0, 3),
  B: monthName,
  C: (time) => pad(time.year / 100, 2),
  d: (time) => pad(time.day, 2),
  e: (time) => pad(time.day, 2, " "),
  g: (time) => pad(isoWeek(time).year % 100, 2),
  G: (time) => String(isoWeek(time).year),
  h: (time) => monthName(time).slice(0, 3),
  H: (time) => pad(time.hours, 2),
  I: (time) => pad(hour12(time), 2),
  j: (time) => pad(time.yearDay + 1, 3),
  k: (time) => pad(time.hours, 2, " "),
  l: (time) => pad(hour12(time), 2, " "),
  m: (time) => pad(time.month + 1, 2),
  M: (time) => pad(time.minutes, 2),
  n: () => "\n",
  p: (time) => (time.hours < 12 ? "AM" : "PM"),
  P: (time) => (time.hours < 12 ? "am" : "pm"),
  s: (time) => String(Math.floor(secondsOf(time))),
  S: (time) => pad(time.seconds, 2),
  t: () => "\t",
  u: (time) => String(time.weekday === 0 ? 7 : time.weekday),
  U: (time) => pad((time.yearDay + 7 - time.weekday) / 7, 2),
  V: (time) => pad(isoWeek(time).week, 2),
  w: (time) => String(time.weekday),
  W: (time) => pad((time.yearDay + 7 - ((time.weekday + 6) % 7)) / 7, 2),
  y: (time) => pad(((time.year % 100) + 100) % 100, 2),
  Y: (time) => (time.year >= 0 && time.year < 1000 ? pad(time.year, 4) : String(time.year)),
  z: () => "+0000",
  Z: () => "UTC",
  "%": () => "%",
};

/** Conversions that stand for several others. */
const COMPOSITES: Readonly<Record<string, string>> = {
  c: "%a %b %e %H:%M:%S %Y",
  D: "%m/%d/%y",
  F: "%Y-%m-%d",
  r: "%I:%M:%S %p",
  R: "%H:%M",
  T: "%H:%M:%S",
  x: "%m/%d/%y",
  X: "%H:%M:%S",
};

/** Writes composites out, so that only single conversions are left. */
export function expandFormat(format: string): string {
  return format.replaceAll(
    /%[EO_0^#-]?([a-zA-Z%])/g,
    (whole, letter: string) => COMPOSITES[letter] ?? (whole === "%%" ? "%%" : `%${letter}`),
  );
}

/** A date and time in a format of C's `strftime`; unknown conversions stay as they are. */
export function formatTime(time: BrokenTime, format: string): string {
  return expandFormat(format).replaceAll(/%([a-zA-Z%])/g, (whole, letter: string) => {
    const show = Object.hasOwn(CONVERSIONS, letter) ? CONVERSIONS[letter] : undefined;
    return show === undefined ? whole : show(time);
  });
}
