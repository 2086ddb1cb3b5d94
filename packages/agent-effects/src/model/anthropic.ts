import { createAnthropic } from "@ai-sdk/anthropic";
import { createAiSdkModel } from "./ai-sdk-model.ts";
import type { ModelProvider, ProviderParams } from "./model-provider.ts";

/** Models of Anthropic, over the Messages API. */
export function createAnthropicModel({ settings, fetch }: ProviderParams): ModelProvider {
  const provider = createAnthropic({
    // An empty key keeps the package from looking into the environment.
    apiKey: settings.apiKey ?? "",
    fetch,
    ...(settings.baseUrl === undefined ? { baseURL: "https://api.anthropic.com/v1" } : { baseURL: settings.baseUrl }),
  });
  return createAiSdkModel({
    provider: "anthropic",
    model: provider(settings.name),
    temperature: settings.temperature,
    holdsSchema: false,
  });
}
