import { parseIsoDuration } from "../durations.ts";
import { isPattern } from "../patterns.ts";

/** Longest text that a format is checked on; longer ones match no format. */
const MAX_FORMAT_LENGTH = 4_096;

const HOST_LABEL = /^[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?$/;
const URI_CHARACTERS = /^(?:[!#$&-;=?-Z_a-z~[\]]|%[0-9a-fA-F]{2})*$/;
const SCHEME = /^[a-zA-Z][a-zA-Z0-9+.-]*:/;

/** Checks by format; each is linear in the text. Unknown formats allow every text, as the specification says. */
const FORMATS: ReadonlyMap<string, (text: string) => boolean> = new Map([
  ["date-time", isDateTime],
  ["date", isDate],
  ["time", isTime],
  ["duration", (text) => parseIsoDuration(text) !== undefined],
  ["email", isEmail],
  ["hostname", isHostname],
  ["ipv4", isIpv4],
  ["ipv6", isIpv6],
  ["uri", (text) => SCHEME.test(text) && URI_CHARACTERS.test(text)],
  ["uri-reference", (text) => URI_CHARACTERS.test(text)],
  ["uri-template", (text) => URI_CHARACTERS.test(text.replaceAll(/\{[^{}]*\}/g, ""))],
  ["uuid", (text) => /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i.test(text)],
  ["json-pointer", (text) => text === "" || (text.startsWith("/") && !/~(?![01])/.test(text))],
  ["regex", isPattern],
]);

/** True when a text has a format of JSON Schema; unknown formats allow every text. */
export function matchesFormat(format: string, text: string): boolean {
  const check = FORMATS.get(format);
  return check === undefined || (text.length <= MAX_FORMAT_LENGTH && check(text));
}

/** True for an RFC 3339 date and time with an offset. */
export function isDateTime(text: string): boolean {
  const separator = text[10];
  return (separator === "T" || separator === "t") && isDate(text.slice(0, 10)) && isTime(text.slice(11));
}

function isDate(text: string): boolean {
  const match = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text);
  if (match === null) return false;
  const [year, month, day] = [Number(match[1]), Number(match[2]), Number(match[3])];
  return month >= 1 && month <= 12 && day >= 1 && day <= daysIn(year, month);
}

function daysIn(year: number, month: number): number {
  const isLeap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  return [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1] ?? 0;
}

function isTime(text: string): boolean {
  const match = /^(\d{2}):(\d{2}):(\d{2})(?:\.\d{1,12})?(?:[zZ]|[+-](\d{2}):(\d{2}))$/.exec(text);
  if (match === null) return false;
  const [hour, minute, second, offsetHour, offsetMinute] = match.slice(1).map((part) => Number(part ?? 0));
  return (
    (hour ?? 0) <= 23 &&
    (minute ?? 0) <= 59 &&
    (second ?? 0) <= 60 &&
    (offsetHour ?? 0) <= 23 &&
    (offsetMinute ?? 0) <= 59
  );
}

function isEmail(text: string): boolean {
  const at = text.lastIndexOf("@");
  const local = text.slice(0, at);
  return (
    at > 0 && /^[^\s@"(),:;<>[\\\]]{1,64}$/.test(local) && !/^\.|\.$|\.\./.test(local) && isHostname(text.slice(at + 1))
  );
}

function isHostname(text: string): boolean {
  return text.length <= 253 && text.split(".").every((label) => HOST_LABEL.test(label));
}

function isIpv4(text: string): boolean {
  const parts = text.split(".");
  return parts.length === 4 && parts.every((part) => /^(?:0|[1-9]\d{0,2})$/.test(part) && Number(part) <= 255);
}

function isIpv6(text: string): boolean {
  const halves = text.split("::");
  if (halves.length > 2) return false;
  const groups = halves.map((half) => (half === "" ? [] : half.split(":")));
  const all = groups.flat();
  const last = all.at(-1) ?? "";
  const endsInIpv4 = last.includes(".");
  const hex = endsInIpv4 ? all.slice(0, -1) : all;
  if ((endsInIpv4 && !isIpv4(last)) || !hex.every((group) => /^[0-9a-fA-F]{1,4}$/.test(group))) return false;
  const count = hex.length + (endsInIpv4 ? 2 : 0);
  return halves.length === 2 ? count <= 7 : count === 8;
}
