import type { CST } from "yaml";
import type { TextProblem } from "./text-problem.ts";

/** Deepest nesting of maps and lists that is read. */
export const MAX_NESTING = 200;

/** The problem of a value that is nested too deeply. */
export function tooDeep(offset: number, pointer: string): TextProblem {
  const message = `Maps and lists are nested deeper than ${MAX_NESTING} levels`;
  return { code: "nesting-too-deep", offset, pointer, message };
}

/**
 * Offset of the first map or list nested deeper than `limit`, undefined when there is none.
 *
 * Looks at the tokens without recursion, before anything recursive reads them.
 */
export function nestingOffset(tokens: readonly CST.Token[], limit: number): number | undefined {
  const open: { readonly token: CST.Token; readonly depth: number }[] = tokens.map((token) => ({ token, depth: 0 }));
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { token, depth } = next;
    if (depth > limit) return token.offset;
    if (token.type === "document") {
      if (token.value !== undefined) open.push({ token: token.value, depth });
    } else if ("items" in token) {
      for (const item of token.items) {
        if (item.key != null) open.push({ token: item.key, depth: depth + 1 });
        if (item.value !== undefined) open.push({ token: item.value, depth: depth + 1 });
      }
    }
  }
  return undefined;
}
