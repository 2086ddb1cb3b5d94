import type { DurationParts } from "./model-data.ts";

const MS_OF = {
  milliseconds: 1,
  seconds: 1_000,
  minutes: 60_000,
  hours: 3_600_000,
  days: 86_400_000,
} as const satisfies Record<keyof DurationParts, number>;

const DAY_MS = MS_OF.days;

/** Milliseconds of the ISO 8601 designators, in the order of the pattern's groups. A year has 365 days, a month 30. */
const ISO_MS = [365 * DAY_MS, 30 * DAY_MS, 7 * DAY_MS, DAY_MS, MS_OF.hours, MS_OF.minutes, MS_OF.seconds] as const;

const NUMBER = "(\\d{1,15}(?:\\.\\d{1,9})?)";
const ISO_PATTERN = new RegExp(
  `^P(?=.)(?:${NUMBER}Y)?(?:${NUMBER}M)?(?:${NUMBER}W)?(?:${NUMBER}D)?(?:T(?=\\d)(?:${NUMBER}H)?(?:${NUMBER}M)?(?:${NUMBER}S)?)?$`,
);

/** The longest duration that counts, about 1,000 years: beyond it a deadline is no date any more. */
export const MAX_DURATION_MS = 1_000 * 365 * DAY_MS;

/**
 * Reads an ISO 8601 duration such as `PT1H30M` or `P2DT0.5S`.
 *
 * @returns milliseconds, rounded; undefined when the text is no duration or longer than MAX_DURATION_MS
 */
export function parseIsoDuration(text: string): number | undefined {
  const match = text.length > 120 ? null : ISO_PATTERN.exec(text);
  if (match === null) return undefined;
  const sum = ISO_MS.reduce((total, unitMs, index) => total + Number(match[index + 1] ?? 0) * unitMs, 0);
  return sum <= MAX_DURATION_MS ? Math.round(sum) : undefined;
}

/**
 * Length of a duration that holds no expression.
 *
 * @returns milliseconds; undefined when it is malformed, negative, fractional, empty or longer than MAX_DURATION_MS
 * @see DSL reference 1.0.3, "Duration"
 */
export function durationToMs(duration: DurationParts | string): number | undefined {
  if (typeof duration === "string") return parseIsoDuration(duration);
  const entries = Object.entries(duration);
  if (entries.length === 0) return undefined;
  let sum = 0;
  for (const [unit, amount] of entries) {
    if (!isUnit(unit) || !Number.isSafeInteger(amount) || amount < 0) return undefined;
    sum += amount * MS_OF[unit];
  }
  return sum <= MAX_DURATION_MS ? sum : undefined;
}

function isUnit(name: string): name is keyof DurationParts {
  return Object.hasOwn(MS_OF, name);
}
