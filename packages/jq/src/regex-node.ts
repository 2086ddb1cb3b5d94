import type { CharSet } from "./regex-set.ts";

/** Places a pattern can ask for. */
export type Anchor =
  | "buffer-start"
  | "line-start"
  | "buffer-end"
  | "line-end"
  | "near-end"
  | "search-start"
  | "word"
  | "not-word";

/** Syntax tree of a pattern. */
export type RegexNode =
  | { readonly kind: "char"; readonly point: number; readonly ignoreCase: boolean }
  | { readonly kind: "any"; readonly newlines: boolean }
  | { readonly kind: "set"; readonly set: CharSet }
  | { readonly kind: "sequence"; readonly items: readonly RegexNode[] }
  | { readonly kind: "choice"; readonly items: readonly RegexNode[] }
  | { readonly kind: "group"; readonly index: number; readonly body: RegexNode }
  | {
      readonly kind: "repeat";
      readonly body: RegexNode;
      readonly min: number;
      /** Infinity for no limit. */
      readonly max: number;
      readonly mode: "greedy" | "lazy" | "possessive";
    }
  | { readonly kind: "anchor"; readonly anchor: Anchor }
  | { readonly kind: "look"; readonly body: RegexNode; readonly behind: boolean; readonly negated: boolean }
  | { readonly kind: "atomic"; readonly body: RegexNode }
  | { readonly kind: "reference"; readonly groups: readonly number[]; readonly ignoreCase: boolean }
  | { readonly kind: "keep" };

/** A parsed pattern. */
export interface ParsedRegex {
  readonly root: RegexNode;
  /** Names of the groups from 1 on; undefined for groups without a name. */
  readonly names: readonly (string | undefined)[];
}

/** Least and greatest number of code points a node matches. */
export function widthOf(node: RegexNode): { readonly min: number; readonly max: number } {
  switch (node.kind) {
    case "char":
    case "any":
    case "set":
      return { min: 1, max: 1 };
    case "anchor":
    case "look":
    case "keep":
      return { min: 0, max: 0 };
    case "group":
    case "atomic":
      return widthOf(node.body);
    case "reference":
      return { min: 0, max: Number.POSITIVE_INFINITY };
    case "repeat": {
      const { min, max } = widthOf(node.body);
      return { min: min * node.min, max: max === 0 ? 0 : max * node.max };
    }
    case "sequence":
      return node.items.map(widthOf).reduce((a, b) => ({ min: a.min + b.min, max: a.max + b.max }), { min: 0, max: 0 });
    case "choice":
      return node.items.map(widthOf).reduce((a, b) => ({ min: Math.min(a.min, b.min), max: Math.max(a.max, b.max) }));
  }
}
