import type { Json } from "@stigmer/durable";
import type { JsonObject } from "@stigmer/effects";
import type { AssistantPart, Message } from "../transcript.ts";

/** Which model, and how it is asked; the `model` part of an agent's definition. */
export interface ModelSettings {
  readonly provider: string;
  /** Model id in the provider's own words. */
  readonly name: string;
  /** The provider's own address when absent. */
  readonly baseUrl: string | undefined;
  /** Value of the API key; from the secrets, never from the environment. */
  readonly apiKey: string | undefined;
  readonly temperature: number | undefined;
  readonly maxOutputTokens: number | undefined;
  /** Context window to ask for, where the provider lets us choose (Ollama). */
  readonly contextTokens: number | undefined;
  /** Turns of a scripted model, and everything else that only one provider reads. */
  readonly rest: JsonObject;
}

/** A tool as a model sees it. */
export interface ToolDefinition {
  readonly name: string;
  readonly description: string;
  /** JSON Schema of the arguments. */
  readonly inputSchema: JsonObject;
}

/** One question to a model; tool results carry their text. */
export interface ModelRequest {
  readonly instructions: string;
  readonly messages: readonly Message[];
  readonly tools: readonly ToolDefinition[];
  /** JSON Schema of the answer, for providers that can be held to one. */
  readonly outputSchema: Json | undefined;
  readonly maxOutputTokens: number | undefined;
}

/** Where and how an answer arrives. */
export interface AnswerContext {
  readonly signal: AbortSignal;
  /** Takes each piece of text as it is written. */
  onText(text: string): void;
  /** Which try of this model call it is, from 1. */
  readonly attempt: number;
}

/** A whole answer. */
export interface ModelReply {
  readonly parts: readonly AssistantPart[];
  /** `stop`, `tool-calls`, `length`, `content-filter` or another word. */
  readonly finish: string;
  readonly usage: ModelUsage;
}

/** Tokens of one answer. */
export interface ModelUsage {
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly cachedInputTokens: number;
}

/** A model that answers. Every adapter is one file and one row in the table of providers. */
export interface ModelProvider {
  /** @throws {DurableFailure} `retryable: false` where asking again cannot help */
  answer(request: ModelRequest, context: AnswerContext): Promise<ModelReply>;
}

/** What adapters are made with. */
export interface ProviderParams {
  readonly settings: ModelSettings;
  /** A `fetch` that checks addresses. */
  readonly fetch: typeof globalThis.fetch;
}
