import type { NamedListShape, RecordShape } from "../grammar/shape.ts";
import type { Json } from "../json.ts";

/** A problem before its place in the text is looked up. */
export interface Finding {
  readonly code: string;
  readonly severity: "error" | "warning";
  readonly pointer: string;
  /** What of the pointer is marked: the key, the value, or a character of the text. */
  readonly at: "key" | "value" | { readonly index: number };
  readonly message: string;
  readonly suggestion?: string | undefined;
}

/** Which variables may be read somewhere. */
export interface Scope {
  /** Standard variables, without `$`. */
  readonly standard: readonly string[];
  /** Variables of loops, iterators and caught errors. */
  readonly local: readonly string[];
  /** True in reusable components, where the variables of the place of use count too. */
  readonly isOpen: boolean;
  /** True where the value goes out with an effect. */
  readonly isEffect: boolean;
}

/** A text of the document that is, or may be meant as, an expression. */
export interface TextUse {
  readonly pointer: string;
  readonly text: string;
  /** `code` is program text that is no expression unless all of it is. */
  readonly kind: "wrapped" | "always" | "code";
  readonly scope: Scope;
}

/** A list of named things, with the lists around it known by their pointers. */
export interface NamedListUse {
  readonly shape: NamedListShape;
  readonly pointer: string;
  readonly list: readonly Json[];
}

/** A record that was recognised. */
export interface RecordUse {
  readonly shape: RecordShape;
  readonly pointer: string;
  readonly value: { readonly [key: string]: Json };
}

/** What the walk over a document found, for the passes that come after it. */
export interface Walk {
  readonly findings: Finding[];
  readonly texts: TextUse[];
  readonly lists: NamedListUse[];
  readonly records: RecordUse[];
  readonly schemas: { readonly pointer: string; readonly schema: Json }[];
}

/** Where the walk is. */
export interface Spot {
  readonly value: Json;
  readonly pointer: string;
  readonly scope: Scope;
  readonly walk: Walk;
}

/** An empty walk. */
export function createWalk(): Walk {
  return { findings: [], texts: [], lists: [], records: [], schemas: [] };
}
