import type { Json } from "@stigmer/durable";
import { failure, isObject } from "@stigmer/effects";
import type { ProviderParams } from "./model-provider.ts";
import { post } from "./ollama-request.ts";

/** Larger windows are taken only when the agent asks for them: they cost memory. */
const USUAL_TOKENS = 32_768;
/** Of the answer, where the agent sets no limit. */
const USUAL_OUTPUT_TOKENS = 1_024;
/** Characters per token, on the careful side for a refusal and on the generous side for an accusation. */
const CHARACTERS_PER_TOKEN = 3.5;
const MOST_CHARACTERS_PER_TOKEN = 9;
/** Below this a comparison says nothing. */
const MIN_CHECKED_CHARACTERS = 16_000;

/**
 * Tokens of context to ask for: the agent's wish, else the model's own up to 32,768. One agent always asks for the
 * same, because another number loads the model again.
 *
 * @throws {DurableFailure} when the prompt and the answer do not fit: Ollama would cut the prompt without a word
 */
export async function chooseContext(
  params: ProviderParams,
  promptText: string,
  maxOutputTokens: number | undefined,
  signal: AbortSignal,
): Promise<number> {
  const { settings } = params;
  const most = await readContextLength(params, signal);
  const window = Math.min(settings.contextTokens ?? USUAL_TOKENS, most ?? Number.POSITIVE_INFINITY);
  const promptTokens = Math.ceil(promptText.length / CHARACTERS_PER_TOKEN);
  const needed = promptTokens + Math.min(maxOutputTokens ?? USUAL_OUTPUT_TOKENS, USUAL_OUTPUT_TOKENS);
  if (needed <= window) return window;
  throw failure("runtime", {
    title: "Context too small",
    detail:
      `The conversation needs about ${needed} tokens, and model "${settings.name}" would see ${window}` +
      `${most === undefined ? "" : ` of at most ${most}`}; set "contextTokens" or use another model`,
    retryable: false,
  });
}

/** @throws {DurableFailure} when far fewer tokens were read than were sent: the answer is not to be trusted */
export function requireNotTruncated(promptText: string, readTokens: number, window: number): void {
  const least = promptText.length / MOST_CHARACTERS_PER_TOKEN;
  if (promptText.length < MIN_CHECKED_CHARACTERS || readTokens === 0 || readTokens >= least) return;
  throw failure("runtime", {
    title: "Context truncated",
    detail: `Ollama read ${readTokens} tokens of a conversation with at least ${Math.floor(least)}, though ${window} were asked for: the answer is not trusted`,
    retryable: false,
  });
}

/** Context length that the model was made with; undefined when Ollama does not say. */
async function readContextLength(params: ProviderParams, signal: AbortSignal): Promise<number | undefined> {
  const response = await post(params, "/api/show", signal, { model: params.settings.name });
  const shown = JSON.parse(await response.text()) as Json;
  const info = isObject(shown) && isObject(shown.model_info) ? shown.model_info : {};
  const [, length] = Object.entries(info).find(([name]) => name.endsWith(".context_length")) ?? [];
  return typeof length === "number" ? length : undefined;
}
