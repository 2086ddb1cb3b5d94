import type { Json } from "@stigmer/durable";
import { isObject } from "@stigmer/effects";
import { refusal } from "./model-failure.ts";
import type { ProviderParams } from "./model-provider.ts";

const DEFAULT_URL = "http://127.0.0.1:11434";

/** Sends a request to Ollama. @throws {DurableFailure} when it refuses */
export async function post(params: ProviderParams, path: string, signal: AbortSignal, body: Json): Promise<Response> {
  const { settings } = params;
  const response = await params.fetch(`${(settings.baseUrl ?? DEFAULT_URL).replace(/\/+$/, "")}${path}`, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      ...(settings.apiKey === undefined ? {} : { authorization: `Bearer ${settings.apiKey}` }),
    },
    body: JSON.stringify(body),
    signal,
  });
  if (response.ok) return response;
  const text = await response.text();
  const hint = response.status === 404 ? ` (get it with "ollama pull ${settings.name}")` : "";
  throw refusal({
    provider: "ollama",
    status: response.status,
    message: `${errorText(text)}${hint}`,
    headers: Object.fromEntries(response.headers.entries()),
  });
}

function errorText(text: string): string {
  try {
    const body = JSON.parse(text) as Json;
    if (isObject(body) && typeof body.error === "string") return body.error;
  } catch {
    // not JSON: shown as it is
  }
  return text.slice(0, 500);
}
