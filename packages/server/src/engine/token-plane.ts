import type { TokenFrame } from "@stigmer/api";

/** A piece of a model's answer for a watcher; `offset` counts UTF-16 units. */
export interface TokenText {
  readonly key: string;
  readonly offset: number;
  readonly text: string;
}

/** Where a watcher stands in the texts of one execution. */
export type TokenCursor = Map<string, { turn: number; offset: number }>;

interface KeyText {
  /** Grows when an attempt begins anew. */
  turn: number;
  text: string;
}

/** Most UTF-16 units kept of one execution. */
const MAX_UNITS = 256 * 1_024;

/**
 * Model text while it is written: in memory only, kept until its lease ends. Watchers read from their own cursor, so a
 * slow one costs nothing and misses nothing that is still kept.
 */
export class TokenPlane {
  readonly #texts = new Map<number, Map<string, KeyText>>();
  readonly #onText: (no: number) => void;

  constructor(onText: (no: number) => void) {
    this.#onText = onText;
  }

  add(no: number, token: TokenFrame): void {
    const keys = this.#texts.get(no) ?? new Map<string, KeyText>();
    this.#texts.set(no, keys);
    const known = keys.get(token.key ?? "") ?? { turn: 0, text: "" };
    keys.set(token.key ?? "", known);
    const offset = Number(token.offset ?? 0);
    if (offset < known.text.length) known.turn++;
    known.text = known.text.slice(0, offset) + (token.text ?? "");
    if (known.text.length > MAX_UNITS) keys.delete(token.key ?? "");
    this.#onText(no);
  }

  /** What is new since the cursor, which moves on. */
  read(no: number, cursor: TokenCursor): readonly TokenText[] {
    const news: TokenText[] = [];
    for (const [key, { turn, text }] of this.#texts.get(no) ?? []) {
      const at = cursor.get(key);
      const offset = at?.turn === turn ? at.offset : 0;
      if (offset < text.length) news.push({ key, offset, text: text.slice(offset) });
      cursor.set(key, { turn, offset: text.length });
    }
    return news;
  }

  drop(no: number): void {
    this.#texts.delete(no);
  }
}
