import type { Json } from "./json.ts";

/** What is taken from an event: its data, the whole event, or its data unparsed. */
export type EventReadMode = "data" | "envelope" | "raw";

/** Attributes of a CloudEvent; values may be expressions, further attributes are allowed. */
export type EventProperties = {
  readonly id?: string;
  readonly source?: string;
  readonly type?: string;
  readonly time?: string;
  readonly subject?: string;
  readonly datacontenttype?: string;
  readonly dataschema?: string;
  readonly data?: Json;
  readonly [attribute: string]: Json;
};

/** An event to publish; the runtime adds `id`, `time` and, where absent, `source`. */
export type EmittedEvent = EventProperties;

/** Attributes an event must have: a constant, a regular expression or an expression each. */
export type EventFilter = {
  readonly with: EventProperties;
  readonly correlate?: { readonly [key: string]: Correlation };
};

/** A key taken from the event; `expect` is a constant or an expression, absent means "the first value seen". */
export type Correlation = { readonly from: string; readonly expect?: string };

/** Exactly one of `all`, `any` and `one`; `until` only with `any`. */
export type EventConsumptionStrategy = {
  readonly all?: readonly EventFilter[];
  readonly any?: readonly EventFilter[];
  readonly one?: EventFilter;
  readonly until?: string | EventConsumptionStrategy;
};
