import type { Json } from "@stigmer/durable";
import { isObject } from "./json-reader.ts";

/** Tokens of model calls. */
export interface Usage {
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** Part of `inputTokens` that the provider had in its cache. */
  readonly cachedInputTokens: number;
}

/** Before the first call. */
export const NO_USAGE: Usage = { inputTokens: 0, outputTokens: 0, cachedInputTokens: 0 };

/** Reads what a model effect reports; what it does not report counts as 0. */
export function readUsage(value: Json | undefined): Usage {
  const count = (name: keyof Usage) => {
    const tokens = isObject(value) ? value[name] : undefined;
    return typeof tokens === "number" && tokens > 0 ? tokens : 0;
  };
  return {
    inputTokens: count("inputTokens"),
    outputTokens: count("outputTokens"),
    cachedInputTokens: count("cachedInputTokens"),
  };
}

/** Both together. */
export function addUsage(a: Usage, b: Usage): Usage {
  return {
    inputTokens: a.inputTokens + b.inputTokens,
    outputTokens: a.outputTokens + b.outputTokens,
    cachedInputTokens: a.cachedInputTokens + b.cachedInputTokens,
  };
}

/** Input and output tokens together. */
export function totalTokens(usage: Usage): number {
  return usage.inputTokens + usage.outputTokens;
}

/** As plain data for events and outputs. */
export function usageJson(usage: Usage): { readonly [name: string]: number } {
  return { ...usage, totalTokens: totalTokens(usage) };
}
