import { usageError } from "../cli-error.ts";

/** `name=value` words as a map. */
export function parseLabels(words: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    words.map((word) => {
      const at = word.indexOf("=");
      if (at < 1) throw usageError(`Cannot use label "${word}": it is not name=value`);
      return [word.slice(0, at), word.slice(at + 1)];
    }),
  );
}
