import type { LanguageModelV4Message, LanguageModelV4Prompt, SharedV4ProviderOptions } from "@ai-sdk/provider";
import type { JsonObject } from "@stigmer/effects";
import type { AssistantPart, Message, ToolResult } from "../transcript.ts";
import { parseArguments } from "./arguments.ts";
import type { ModelRequest } from "./model-provider.ts";

/** The conversation as the AI SDK's providers take it. */
export function toAiSdkPrompt(request: ModelRequest): LanguageModelV4Prompt {
  return [{ role: "system", content: request.instructions }, ...request.messages.map(toMessage)];
}

function toMessage(message: Message): LanguageModelV4Message {
  switch (message.role) {
    case "user":
      return { role: "user", content: [{ type: "text", text: message.text }] };
    case "assistant":
      return { role: "assistant", content: message.parts.map(toPart) };
    case "tool":
      return { role: "tool", content: message.results.map(toResult) };
  }
}

type AssistantContent = Extract<LanguageModelV4Message, { role: "assistant" }>["content"][number];
type ToolContent = Extract<LanguageModelV4Message, { role: "tool" }>["content"][number];

function toPart(part: AssistantPart): AssistantContent {
  switch (part.kind) {
    case "text":
      return { type: "text", text: part.text };
    case "reasoning":
      return { type: "reasoning", text: part.text, ...options(part.provider) };
    case "call":
      return {
        type: "tool-call",
        toolCallId: part.id,
        toolName: part.name,
        input: parseArguments(part.arguments).value ?? {},
        ...options(part.provider),
      };
  }
}

function toResult(result: ToolResult): ToolContent {
  const value = result.text ?? "";
  return {
    type: "tool-result",
    toolCallId: result.callId,
    toolName: result.tool,
    output: result.outcome === "ok" ? { type: "text", value } : { type: "error-text", value },
  };
}

/** What the provider said beside a part goes back to it unchanged, such as the signature of a thought. */
function options(provider: JsonObject | undefined): { providerOptions?: SharedV4ProviderOptions } {
  return provider === undefined ? {} : { providerOptions: provider as SharedV4ProviderOptions };
}
