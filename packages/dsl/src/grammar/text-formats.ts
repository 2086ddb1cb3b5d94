import { parseCron } from "../cron.ts";
import { parseIsoDuration } from "../durations.ts";
import { isDateTime } from "../schema/formats.ts";
import { parseVersion } from "../semantic-versions.ts";

/** A rule for texts that are no expressions. */
export interface TextFormat {
  /** What is expected, for messages: "must be <expected>". */
  readonly expected: string;
  readonly test: (text: string) => boolean;
  readonly suggestion?: string;
}

const LABEL = /^[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?$/;

/** The formats that text shapes name. */
export const TEXT_FORMATS: ReadonlyMap<string, TextFormat> = new Map<string, TextFormat>([
  [
    "name",
    {
      expected: "a name of at most 63 letters, digits and dashes (RFC 1123)",
      test: (text) => LABEL.test(text),
      suggestion: "Start and end with a letter or digit, such as order-pizza.",
    },
  ],
  [
    "resource-name",
    {
      expected: "a name of at most 63 small letters, digits and dashes (RFC 1123)",
      test: isResourceName,
      suggestion: "Start and end with a letter or digit, such as order-pizza.",
    },
  ],
  [
    "reference",
    {
      expected: "the name of a resource, or namespace/name",
      test: (text) => text.split("/").length <= 2 && text.split("/").every(isResourceName),
    },
  ],
  [
    "version",
    {
      expected: "a semantic version",
      test: (text) => parseVersion(text) !== undefined,
      suggestion: "Write three numbers, such as 1.0.0.",
    },
  ],
  [
    "version-or-latest",
    {
      expected: 'a semantic version or "latest"',
      test: (text) => text === "latest" || parseVersion(text) !== undefined,
    },
  ],
  [
    "duration",
    {
      expected: "an ISO 8601 duration",
      test: (text) => parseIsoDuration(text) !== undefined,
      suggestion: "Write PT30S for 30 seconds, PT5M for 5 minutes, P1D for a day.",
    },
  ],
  [
    "uri",
    {
      expected: "a URI or URI template without spaces",
      test: isUriTemplate,
      suggestion: 'Write an address such as https://example.com/{id}, or an expression in "${ }".',
    },
  ],
  ["variable", { expected: "a name for a variable", test: (text) => /^[A-Za-z_]\w{0,99}$/.test(text) }],
  [
    "cron",
    {
      expected: "a cron expression of five fields, or six with seconds",
      test: (text) => parseCron(text) !== undefined,
      suggestion: 'Write minute, hour, day, month and day of the week, such as "0 8 * * mon-fri".',
    },
  ],
  ["date-time", { expected: "a date and time such as 2026-01-31T12:00:00Z", test: isDateTime }],
  ["host", { expected: "a host name", test: (text) => /^[a-zA-Z0-9](?:[a-zA-Z0-9.-]{0,251}[a-zA-Z0-9])?$/.test(text) }],
  ["not-empty", { expected: "a text that is not empty", test: (text) => text !== "" }],
  [
    "secret-name",
    {
      expected: "a name of at most 100 letters, digits, dots, dashes and underscores",
      test: (text) => /^[A-Za-z_][\w.-]{0,99}$/.test(text),
    },
  ],
  [
    "environment-name",
    { expected: "a name for an environment variable", test: (text) => /^[A-Za-z_]\w{0,199}$/.test(text) },
  ],
]);

/** True for a name that a resource can be applied and found by: RFC 1123, small letters. */
export function isResourceName(text: string): boolean {
  return /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/.test(text);
}

function isUriTemplate(text: string): boolean {
  return text !== "" && !/[\s<>"\\^`|]/.test(text) && !/[{}]/.test(text.replaceAll(/\{[^{}]*\}/g, ""));
}
