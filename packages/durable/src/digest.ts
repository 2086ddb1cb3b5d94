import type { Json } from "./json.ts";

/**
 * Digest of a call's input for the journal: tells a changed program, not a forger, so it is short and quick.
 *
 * @returns 16 hexadecimal digits
 */
export function digestInput(input: Json): string {
  const [high, low] = hashText(JSON.stringify(input), 0x51ab_c0de);
  return hex(high) + hex(low);
}

/**
 * The id of a child execution: `wex_` or `aex_`, the parent's 10 characters of time and 16 from its id and the key.
 *
 * @param child.program `agent` gives `aex_`, everything else `wex_`
 */
export function childExecutionId(child: {
  readonly parentId: string;
  readonly key: string;
  readonly program: string;
}): string {
  const text = `${child.parentId}\n${child.key}`;
  const [a, b] = hashText(text, 0x0bad_5eed);
  const [c] = hashText(text, 0x7e57_ab1e);
  const random = base32(a, 7) + base32(b, 7) + base32(c, 2);
  const time = child.parentId.slice(-26, -16).padStart(10, "0");
  return `${child.program === "agent" ? "aex" : "wex"}_${time}${random}`;
}

/** Two lanes of multiply and rotate over UTF-16 units, finished with an avalanche. */
function hashText(text: string, seed: number): readonly [number, number] {
  let a = seed ^ text.length;
  let b = ~seed;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    a = Math.imul(a ^ unit, 0x0100_0193);
    b = Math.imul((b << 7) ^ (b >>> 25) ^ unit, 0x9e37_79b1);
  }
  return [avalanche(a ^ (b >>> 13)), avalanche(b ^ (a << 5))];
}

function avalanche(value: number): number {
  let h = value;
  h = Math.imul(h ^ (h >>> 16), 0x85eb_ca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2_ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

function hex(value: number): string {
  return value.toString(16).padStart(8, "0");
}

/** Crockford's alphabet, as ULIDs have it. */
const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

function base32(value: number, length: number): string {
  let text = "";
  let rest = value;
  for (let i = 0; i < length; i++) {
    text = `${ALPHABET[rest % 32]}${text}`;
    rest = Math.floor(rest / 32);
  }
  return text;
}
