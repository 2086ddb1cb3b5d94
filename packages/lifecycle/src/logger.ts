import type { Redactor } from "./redactor.ts";

/** Severity of a log line, least first. */
export const LOG_LEVELS = ["debug", "info", "warn", "error"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** Writes one JSON line per call: `{"at","level","component","message",…fields}`. */
export interface Logger {
  debug(message: string, fields?: Readonly<Record<string, unknown>>): void;
  info(message: string, fields?: Readonly<Record<string, unknown>>): void;
  warn(message: string, fields?: Readonly<Record<string, unknown>>): void;
  error(message: string, fields?: Readonly<Record<string, unknown>>): void;
}

export interface CreateLoggerParams {
  readonly component: string;
  readonly level: LogLevel;
  readonly redactor: Redactor;
  /** Takes one line with its newline. */
  readonly write: (line: string) => void;
}

/** A logger whose lines never hold a value that the redactor knows. */
export function createLogger(params: CreateLoggerParams): Logger {
  const least = LOG_LEVELS.indexOf(params.level);
  const log = (level: LogLevel) => (message: string, fields?: Readonly<Record<string, unknown>>) => {
    if (LOG_LEVELS.indexOf(level) < least) return;
    const line = { at: new Date().toISOString(), level, component: params.component, message, ...describe(fields) };
    params.write(`${params.redactor.redact(JSON.stringify(line))}\n`);
  };
  return { debug: log("debug"), info: log("info"), warn: log("warn"), error: log("error") };
}

/** Parses a level; anything else is `info`. */
export function parseLogLevel(text: string | undefined): LogLevel {
  return LOG_LEVELS.find((level) => level === text) ?? "info";
}

function describe(fields: Readonly<Record<string, unknown>> | undefined): Record<string, unknown> {
  if (!fields) return {};
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [name, value instanceof Error ? describeError(value) : value]),
  );
}

function describeError(error: Error): Record<string, unknown> {
  return { name: error.name, message: error.message, stack: error.stack };
}
