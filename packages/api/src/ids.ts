/** Prefixes of public ids: executions of workflows, executions of agents, sessions. */
export type IdPrefix = "wex_" | "aex_" | "ses_";

const CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const TIME_LENGTH = 10;
const RANDOM_BYTES = 10;
const ID_PATTERN = /^(wex_|aex_|ses_)[0-7][0-9A-HJKMNP-TV-Z]{25}$/;

/** A new id: prefix and ULID. Ids made later sort later, to the millisecond. */
export function newId(prefix: IdPrefix, nowMs: number = Date.now()): string {
  return idFromBytes(prefix, nowMs, crypto.getRandomValues(new Uint8Array(RANDOM_BYTES)));
}

/**
 * An id with given randomness, for ids that derive from others.
 *
 * @param bytes at least 10 bytes; the first 10 are used
 * @see https://github.com/ulid/spec
 */
export function idFromBytes(prefix: IdPrefix, timeMs: number, bytes: Uint8Array): string {
  if (bytes.length < RANDOM_BYTES) throw new RangeError(`Cannot make an id from ${bytes.length} bytes: 10 are needed`);
  return prefix + encodeTime(timeMs) + encodeBytes(bytes);
}

/** Whether the text is an id of ours, with this prefix when one is given. */
export function isId(text: string, prefix?: IdPrefix): boolean {
  return ID_PATTERN.test(text) && (prefix === undefined || text.startsWith(prefix));
}

/** When the id was made, in epoch milliseconds; undefined when the text is no id. */
export function idTimeMs(id: string): number | undefined {
  if (!ID_PATTERN.test(id)) return undefined;
  let timeMs = 0;
  for (const digit of id.slice(4, 4 + TIME_LENGTH)) timeMs = timeMs * 32 + CROCKFORD.indexOf(digit);
  return timeMs;
}

function encodeTime(timeMs: number): string {
  let rest = timeMs;
  let text = "";
  for (let i = 0; i < TIME_LENGTH; i++) {
    text = CROCKFORD.charAt(rest % 32) + text;
    rest = Math.floor(rest / 32);
  }
  return text;
}

function encodeBytes(bytes: Uint8Array): string {
  let bits = 0n;
  for (const byte of bytes.subarray(0, RANDOM_BYTES)) bits = (bits << 8n) | BigInt(byte);
  let text = "";
  for (let i = 0; i < 16; i++) {
    text = CROCKFORD.charAt(Number(bits & 31n)) + text;
    bits >>= 5n;
  }
  return text;
}
