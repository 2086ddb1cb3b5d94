import type { Json } from "@stigmer/durable";
import {
  asText,
  type EffectContext,
  failure,
  InputReader,
  isObject,
  type JsonObject,
  type SensitiveValues,
} from "@stigmer/effects";
import type { ModelSettings } from "./model-provider.ts";
import { findProvider } from "./providers.ts";

/** Providers that answer without a model's name. */
const NAMELESS: ReadonlySet<string> = new Set(["scripted"]);

/**
 * Reads the `model` of an agent and resolves its key. The key is named by `apiKey: {secret: NAME}`.
 *
 * @throws {DurableFailure} `configuration` for what cannot be used, `authorization` for a missing secret
 */
export async function readModelSettings(
  model: JsonObject,
  context: EffectContext,
  sensitive: SensitiveValues,
): Promise<ModelSettings> {
  const reader = new InputReader("model", model);
  const provider = reader.text("provider");
  const row = findProvider(provider);
  const name = NAMELESS.has(provider) ? (reader.optionalText("name") ?? "") : reader.text("name");
  const apiKey = await resolveKey(reader.value("apiKey"), context, sensitive);
  if (apiKey === undefined && row.needsKey) {
    throw failure("configuration", {
      detail: `Cannot ask the model: provider "${provider}" needs a key; name its secret with "apiKey: {secret: NAME}"`,
      retryable: false,
    });
  }
  return {
    provider,
    name,
    baseUrl: reader.optionalText("baseUrl"),
    apiKey,
    temperature: readNumber(reader, "temperature"),
    maxOutputTokens: readNumber(reader, "maxOutputTokens"),
    contextTokens: readNumber(reader, "contextTokens"),
    rest: model,
  };
}

async function resolveKey(
  apiKey: Json | undefined,
  context: EffectContext,
  sensitive: SensitiveValues,
): Promise<string | undefined> {
  if (typeof apiKey === "string") {
    throw failure("configuration", {
      detail: 'Cannot use the model: "apiKey" must name a secret, as in {secret: NAME}, and not be the key itself',
      retryable: false,
    });
  }
  const name = isObject(apiKey) && typeof apiKey.secret === "string" ? apiKey.secret : undefined;
  if (name === undefined) return undefined;
  const values = await context.resolveSecrets([name]);
  const value = Object.hasOwn(values, name) ? values[name] : undefined;
  if (value === undefined || value === null) {
    throw failure("authorization", {
      detail: `Cannot ask the model: the environment has no secret "${name}"; add it with "stigmer secret set ${name}"`,
      retryable: false,
    });
  }
  sensitive.add(value);
  return asText(value);
}

function readNumber(reader: InputReader, name: string): number | undefined {
  const value = reader.value(name);
  if (value === undefined || value === null) return undefined;
  if (typeof value === "number") return value;
  throw failure("configuration", { detail: `Cannot use the model: "${name}" must be a number`, retryable: false });
}
