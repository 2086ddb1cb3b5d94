import type { Json } from "@stigmer/durable";

/** A script to run, as it travels to the process that runs it. */
export interface ScriptOrder {
  readonly code: string;
  readonly args: readonly string[];
  readonly variables: { readonly [name: string]: Json };
}
