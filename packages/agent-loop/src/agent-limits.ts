import type { Json } from "@stigmer/durable";
import { invalid, isObject, type JsonObject, member, readCount, readObject } from "./json-reader.ts";

/** What one turn of an agent may use. */
export interface AgentLimits {
  /** Model calls; 50 when the agent names none. */
  readonly steps: number;
  /** Input and output tokens of all model calls together; 1,000,000 when the agent names none. */
  readonly tokens: number;
  /** From the start of the execution; 30 minutes when the agent names none. */
  readonly timeMs: number;
}

const DEFAULTS: AgentLimits = { steps: 50, tokens: 1_000_000, timeMs: 30 * 60_000 };

/**
 * Limits of the agent, narrowed by those of the execution.
 *
 * @throws {DurableFailure} `configuration` for a limit that is none
 */
export function readLimits(ofAgent: Json | undefined, ofExecution: Json | undefined): AgentLimits {
  const own = readSome(ofAgent, "definition.limits");
  const narrower = readSome(ofExecution, "limits");
  const least = (name: keyof AgentLimits) => Math.min(own[name] ?? DEFAULTS[name], narrower[name] ?? Infinity);
  return { steps: least("steps"), tokens: least("tokens"), timeMs: least("timeMs") };
}

function readSome(value: Json | undefined, where: string): Partial<AgentLimits> {
  if (value === undefined) return {};
  const object = readObject(value, where);
  const steps = readCount(object, "steps", where);
  const tokens = readCount(object, "tokens", where);
  const time = member(object, "time");
  return {
    ...(steps === undefined ? {} : { steps }),
    ...(tokens === undefined ? {} : { tokens }),
    ...(time === undefined ? {} : { timeMs: readDuration(time, `${where}.time`) }),
  };
}

const UNITS = { days: 86_400_000, hours: 3_600_000, minutes: 60_000, seconds: 1_000, milliseconds: 1 } as const;

/** Milliseconds of an ISO 8601 duration such as `PT5M`, or of a map such as `{minutes: 5}`. */
function readDuration(value: Json, where: string): number {
  const timeMs = typeof value === "string" ? fromIso(value) : isObject(value) ? fromMap(value) : undefined;
  if (timeMs === undefined || timeMs <= 0) throw invalid(where, "a duration, such as PT5M or {minutes: 5}");
  return timeMs;
}

function fromIso(text: string): number | undefined {
  const match = /^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?$/.exec(text);
  if (!match) return undefined;
  const [, days, hours, minutes, seconds] = match.map((part) => Number(part ?? 0));
  return (
    (days ?? 0) * UNITS.days +
    (hours ?? 0) * UNITS.hours +
    (minutes ?? 0) * UNITS.minutes +
    (seconds ?? 0) * UNITS.seconds
  );
}

function fromMap(map: JsonObject): number | undefined {
  let timeMs = 0;
  for (const [unit, value] of Object.entries(map)) {
    if (!Object.hasOwn(UNITS, unit) || typeof value !== "number") return undefined;
    timeMs += value * UNITS[unit as keyof typeof UNITS];
  }
  return timeMs;
}
