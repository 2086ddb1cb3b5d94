import {
  APICallError,
  type JSONObject,
  type LanguageModelV4,
  type LanguageModelV4CallOptions,
  type LanguageModelV4StreamPart,
  type LanguageModelV4Usage,
  type SharedV4ProviderOptions,
} from "@ai-sdk/provider";
import { asText, type JsonObject } from "@stigmer/effects";
import type { AssistantPart } from "../transcript.ts";
import { toAiSdkPrompt } from "./ai-sdk-prompt.ts";
import { broken, refusal } from "./model-failure.ts";
import type { AnswerContext, ModelProvider, ModelReply, ModelRequest, ModelUsage } from "./model-provider.ts";

/** What differs between the AI SDK's providers. */
export interface AiSdkModelParams {
  /** Shown in messages. */
  readonly provider: string;
  readonly model: LanguageModelV4;
  readonly temperature: number | undefined;
  readonly providerOptions?: SharedV4ProviderOptions;
  /** The provider holds the model to a schema even when there are tools. */
  readonly holdsSchema: boolean;
}

/** A model of an AI SDK provider package, asked by `doStream` alone: retries are the program's. */
export function createAiSdkModel(params: AiSdkModelParams): ModelProvider {
  return {
    async answer(request, context) {
      try {
        const { stream } = await params.model.doStream(toOptions(request, context, params));
        return await readStream(stream, context);
      } catch (error) {
        throw toFailure(params.provider, error, context.signal);
      }
    },
  };
}

function toOptions(
  request: ModelRequest,
  context: AnswerContext,
  params: AiSdkModelParams,
): LanguageModelV4CallOptions {
  const { maxOutputTokens, outputSchema, tools } = request;
  return {
    prompt: toAiSdkPrompt(request),
    abortSignal: context.signal,
    ...(tools.length === 0
      ? {}
      : {
          tools: tools.map(({ name, description, inputSchema }) => ({
            type: "function",
            name,
            description,
            inputSchema,
          })),
        }),
    ...(maxOutputTokens === undefined ? {} : { maxOutputTokens }),
    ...(params.temperature === undefined ? {} : { temperature: params.temperature }),
    ...(params.providerOptions === undefined ? {} : { providerOptions: params.providerOptions }),
    ...(outputSchema !== undefined && params.holdsSchema
      ? { responseFormat: { type: "json", schema: outputSchema as JSONObject, name: "answer" } }
      : {}),
  };
}

async function readStream(
  stream: ReadableStream<LanguageModelV4StreamPart>,
  context: AnswerContext,
): Promise<ModelReply> {
  const parts: AssistantPart[] = [];
  const open = new Map<string, { text: string; provider: JsonObject | undefined }>();
  let finish = "other";
  let usage: ModelUsage = { inputTokens: 0, outputTokens: 0, cachedInputTokens: 0 };
  for await (const part of stream) {
    switch (part.type) {
      case "text-start":
      case "reasoning-start":
        open.set(`${part.type} ${part.id}`, { text: "", provider: part.providerMetadata as JsonObject | undefined });
        break;
      case "text-delta":
        context.onText(part.delta);
        extend(open.get(`text-start ${part.id}`), part.delta, part.providerMetadata as JsonObject | undefined);
        break;
      case "reasoning-delta":
        extend(open.get(`reasoning-start ${part.id}`), part.delta, part.providerMetadata as JsonObject | undefined);
        break;
      case "text-end": {
        const text = open.get(`text-start ${part.id}`)?.text ?? "";
        if (text !== "") parts.push({ kind: "text", text });
        break;
      }
      case "reasoning-end": {
        const block = open.get(`reasoning-start ${part.id}`);
        extend(block, "", part.providerMetadata as JsonObject | undefined);
        if (block)
          parts.push({ kind: "reasoning", text: block.text, ...(block.provider ? { provider: block.provider } : {}) });
        break;
      }
      case "tool-call":
        parts.push({
          kind: "call",
          id: part.toolCallId,
          name: part.toolName,
          arguments: asText(part.input),
          ...(part.providerMetadata ? { provider: part.providerMetadata as JsonObject } : {}),
        });
        break;
      case "finish":
        finish = part.finishReason.unified;
        usage = toUsage(part.usage);
        break;
      case "error":
        throw part.error;
    }
  }
  return { parts, finish, usage };
}

function extend(
  block: { text: string; provider: JsonObject | undefined } | undefined,
  delta: string,
  provider: JsonObject | undefined,
): void {
  if (block === undefined) return;
  block.text += delta;
  if (provider !== undefined) block.provider = { ...block.provider, ...provider };
}

function toUsage(usage: LanguageModelV4Usage): ModelUsage {
  return {
    inputTokens: usage.inputTokens.total ?? 0,
    outputTokens: usage.outputTokens.total ?? 0,
    cachedInputTokens: usage.inputTokens.cacheRead ?? 0,
  };
}

function toFailure(provider: string, error: unknown, signal: AbortSignal) {
  if (signal.aborted || !APICallError.isInstance(error) || error.statusCode === undefined) {
    return broken(provider, error, signal);
  }
  return refusal({
    provider,
    status: error.statusCode,
    message: error.message,
    ...(error.responseHeaders ? { headers: error.responseHeaders } : {}),
    cause: error,
  });
}
