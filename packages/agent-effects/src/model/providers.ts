import { failure } from "@stigmer/effects";
import type { ModelProvider, ProviderParams } from "./model-provider.ts";

/** A row of the table: how a provider is made, and whether it answers only to those who have a key. */
interface ProviderRow {
  readonly create: (params: ProviderParams) => Promise<ModelProvider>;
  readonly needsKey?: true;
}

/** Every model provider; each is loaded when it is first used. */
const PROVIDERS: Readonly<Record<string, ProviderRow>> = {
  anthropic: {
    create: async (params) => (await import("./anthropic.ts")).createAnthropicModel(params),
    needsKey: true,
  },
  openai: {
    create: async (params) => (await import("./openai.ts")).createOpenAiModel(params),
    needsKey: true,
  },
  "openai-compatible": {
    create: async (params) => (await import("./openai-compatible.ts")).createCompatibleModel(params),
  },
  ollama: { create: async (params) => (await import("./ollama.ts")).createOllamaModel(params) },
  scripted: { create: async (params) => (await import("./scripted.ts")).createScriptedModel(params) },
};

/** Names of all model providers. */
export const PROVIDER_NAMES: readonly string[] = Object.keys(PROVIDERS);

/** @throws {DurableFailure} `configuration` for a name that is none */
export function findProvider(name: string): ProviderRow {
  const row = Object.hasOwn(PROVIDERS, name) ? PROVIDERS[name] : undefined;
  if (row !== undefined) return row;
  throw failure("configuration", {
    detail: `Cannot ask model provider "${name}": the providers are ${PROVIDER_NAMES.join(", ")}`,
    retryable: false,
  });
}
