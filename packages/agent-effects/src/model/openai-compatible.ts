import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { failure } from "@stigmer/effects";
import { createAiSdkModel } from "./ai-sdk-model.ts";
import type { ModelProvider, ProviderParams } from "./model-provider.ts";

/**
 * Models of any server that speaks OpenAI's Chat Completions.
 *
 * @throws {DurableFailure} `configuration` without `baseUrl`
 */
export function createCompatibleModel({ settings, fetch }: ProviderParams): ModelProvider {
  if (settings.baseUrl === undefined) {
    throw failure("configuration", {
      detail: 'Cannot ask the model: provider "openai-compatible" needs "baseUrl", such as http://127.0.0.1:8080/v1',
      retryable: false,
    });
  }
  const provider = createOpenAICompatible({
    name: "openai-compatible",
    baseURL: settings.baseUrl,
    includeUsage: true,
    fetch,
    ...(settings.apiKey === undefined ? {} : { apiKey: settings.apiKey }),
  });
  return createAiSdkModel({
    provider: "openai-compatible",
    model: provider.chatModel(settings.name),
    temperature: settings.temperature,
    holdsSchema: false,
  });
}
