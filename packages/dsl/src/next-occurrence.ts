import { type CronSchedule, parseCron } from "./cron.ts";
import { evaluateDuration } from "./flow/evaluate-data.ts";
import type { Schedule } from "./model.ts";
import type { Duration } from "./model-data.ts";
import { WorkflowProblemError } from "./standard-errors.ts";

/**
 * When a schedule starts its next run, in UTC.
 *
 * `every` counts from `afterMs`, which is the last start (or the moment the schedule began); `after` counts from it too,
 * then it is the end of the last run; `cron` gives the first moment that comes after it.
 *
 * @param afterMs epoch ms
 * @returns epoch ms; undefined when only events start runs, or the moment never comes
 */
export function nextOccurrence({ every, cron, after }: Schedule, afterMs: number): number | undefined {
  const candidates = [
    every === undefined ? undefined : addDuration(afterMs, every),
    after === undefined ? undefined : addDuration(afterMs, after),
    cron === undefined ? undefined : nextCron(cron, afterMs),
  ].filter((at) => at !== undefined);
  return candidates.length === 0 ? undefined : Math.min(...candidates);
}

/** A schedule has no input, so an expression in it sees nothing but constants. */
function addDuration(fromMs: number, duration: Duration): number | undefined {
  try {
    const ms = evaluateDuration(duration, null, {});
    return ms > 0 ? fromMs + ms : undefined;
  } catch (error) {
    if (error instanceof WorkflowProblemError) return undefined;
    throw error;
  }
}

/** The 29th of February on a given day of the week comes back within 40 years. */
const HORIZON_YEARS = 41;

function nextCron(text: string, afterMs: number): number | undefined {
  const cron = parseCron(text);
  if (cron === undefined) return undefined;
  let at = new Date((Math.floor(afterMs / 1000) + 1) * 1000);
  const lastYear = at.getUTCFullYear() + HORIZON_YEARS;
  while (at.getUTCFullYear() <= lastYear) {
    const later = laterStart(cron, at);
    if (later === undefined) return at.getTime();
    at = later;
  }
  return undefined;
}

/** The start of the next month, day, hour, minute or second when this moment is not one of the schedule's. */
function laterStart(cron: CronSchedule, at: Date): Date | undefined {
  const [year, month, day] = [at.getUTCFullYear(), at.getUTCMonth(), at.getUTCDate()];
  const [hour, minute, second] = [at.getUTCHours(), at.getUTCMinutes(), at.getUTCSeconds()];
  if (!cron.months.includes(month + 1)) return new Date(Date.UTC(year, month + 1, 1));
  if (!isDay(cron, at)) return new Date(Date.UTC(year, month, day + 1));
  if (!cron.hours.includes(hour)) return new Date(Date.UTC(year, month, day, hour + 1));
  if (!cron.minutes.includes(minute)) return new Date(Date.UTC(year, month, day, hour, minute + 1));
  if (!cron.seconds.includes(second)) return new Date(Date.UTC(year, month, day, hour, minute, second + 1));
  return undefined;
}

function isDay({ daysOfMonth, daysOfWeek, isEitherDay }: CronSchedule, at: Date): boolean {
  const ofMonth = daysOfMonth.includes(at.getUTCDate());
  const ofWeek = daysOfWeek.includes(at.getUTCDay());
  return isEitherDay ? ofMonth || ofWeek : ofMonth && ofWeek;
}
