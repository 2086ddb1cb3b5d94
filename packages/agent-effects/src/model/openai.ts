import { createOpenAI } from "@ai-sdk/openai";
import { createAiSdkModel } from "./ai-sdk-model.ts";
import type { ModelProvider, ProviderParams } from "./model-provider.ts";

/** Models of OpenAI, over the Responses API. Nothing is stored there, so that a conversation never depends on their ids. */
export function createOpenAiModel({ settings, fetch }: ProviderParams): ModelProvider {
  const provider = createOpenAI({
    apiKey: settings.apiKey ?? "",
    fetch,
    baseURL: settings.baseUrl ?? "https://api.openai.com/v1",
  });
  return createAiSdkModel({
    provider: "openai",
    model: provider.responses(settings.name),
    temperature: settings.temperature,
    providerOptions: { openai: { store: false, strictJsonSchema: false } },
    holdsSchema: true,
  });
}
