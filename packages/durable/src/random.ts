/** State of the generator: four unsigned 32-bit words. */
export type RandomState = readonly [number, number, number, number];

/** Numbers from a recorded seed (xoshiro128**): equal on every replay, on every machine. Not for secrets. */
export class SeededRandom {
  #a: number;
  #b: number;
  #c: number;
  #d: number;

  constructor(state: RandomState) {
    [this.#a, this.#b, this.#c, this.#d] = state;
    if ((this.#a | this.#b | this.#c | this.#d) === 0) this.#a = 1; // the generator cannot leave zero
  }

  /** Words that continue the sequence, for a snapshot. */
  get state(): RandomState {
    return [this.#a >>> 0, this.#b >>> 0, this.#c >>> 0, this.#d >>> 0];
  }

  /** Uniform in [0, 1) with 53 bits. */
  random(): number {
    const high = this.#next() >>> 5;
    const low = this.#next() >>> 6;
    return (high * 0x400_0000 + low) / 0x20_0000_0000_0000;
  }

  /** A version 4 UUID. */
  uuid(): string {
    const [a, b, c, d] = [this.#next(), this.#next(), this.#next(), this.#next()].map((word) =>
      word.toString(16).padStart(8, "0"),
    ) as [string, string, string, string];
    const variant = (8 + (Number.parseInt(c.charAt(0), 16) & 3)).toString(16);
    return `${a}-${b.slice(0, 4)}-4${b.slice(5)}-${variant}${c.slice(1, 4)}-${c.slice(4)}${d}`;
  }

  #next(): number {
    const result = Math.imul(rotate(Math.imul(this.#b, 5), 7), 9) >>> 0;
    const shifted = this.#b << 9;
    this.#c ^= this.#a;
    this.#d ^= this.#b;
    this.#b ^= this.#c;
    this.#a ^= this.#d;
    this.#c ^= shifted;
    this.#d = rotate(this.#d, 11);
    return result;
  }
}

/**
 * The generator's first state from a seed.
 *
 * @param seed 32 hexadecimal digits
 * @returns undefined if the seed is not that
 */
export function randomStateOf(seed: string): RandomState | undefined {
  if (!/^[0-9a-f]{32}$/i.test(seed)) return undefined;
  const word = (index: number) => Number.parseInt(seed.slice(index * 8, index * 8 + 8), 16);
  return [word(0), word(1), word(2), word(3)];
}

function rotate(value: number, bits: number): number {
  return (value << bits) | (value >>> (32 - bits));
}
