import type { Json } from "@stigmer/durable";
import { failure, isList, isObject, type JsonObject } from "@stigmer/effects";
import type { AssistantPart } from "../transcript.ts";
import { broken } from "./model-failure.ts";
import type { AnswerContext, ModelProvider, ModelReply, ModelRequest, ProviderParams } from "./model-provider.ts";
import { chooseContext, requireNotTruncated } from "./ollama-context.ts";
import { toOllamaMessages } from "./ollama-messages.ts";
import { post } from "./ollama-request.ts";
import { readLines } from "./read-lines.ts";

/**
 * Models of Ollama over its own `/api/chat`: the compatible endpoint ignores the size of the context and cuts long
 * prompts without a word.
 *
 * @see https://github.com/ollama/ollama/blob/main/docs/api.md
 */
export function createOllamaModel(params: ProviderParams): ModelProvider {
  return {
    async answer(request, context) {
      try {
        return await ask(params, request, context);
      } catch (error) {
        throw broken("ollama", error, context.signal);
      }
    },
  };
}

async function ask(params: ProviderParams, request: ModelRequest, context: AnswerContext): Promise<ModelReply> {
  const { settings } = params;
  const messages = toOllamaMessages(request);
  const tools = request.tools.map(({ name, description, inputSchema }) => ({
    type: "function",
    function: { name, description, parameters: inputSchema },
  }));
  const promptText = JSON.stringify([messages, tools]);
  const window = await chooseContext(params, promptText, request.maxOutputTokens, context.signal);
  const response = await post(params, "/api/chat", context.signal, {
    model: settings.name,
    messages,
    stream: true,
    ...(tools.length > 0 ? { tools } : {}),
    // With tools a schema would keep the model from calling them.
    ...(request.outputSchema !== undefined && tools.length === 0 ? { format: request.outputSchema } : {}),
    ...(settings.rest.think === undefined ? {} : { think: settings.rest.think }),
    keep_alive: settings.rest.keepAlive ?? "10m",
    options: {
      num_ctx: window,
      ...(request.maxOutputTokens === undefined ? {} : { num_predict: request.maxOutputTokens }),
      ...(settings.temperature === undefined ? {} : { temperature: settings.temperature }),
    },
  });
  const reply = await readReply(response, context);
  requireNotTruncated(promptText, reply.usage.inputTokens, window);
  return reply;
}

async function readReply(response: Response, context: AnswerContext): Promise<ModelReply> {
  let text = "";
  let thinking = "";
  const calls: AssistantPart[] = [];
  for await (const line of readLines(response.body)) {
    const chunk = JSON.parse(line) as Json;
    if (!isObject(chunk)) continue;
    if (typeof chunk.error === "string") throw failure("communication", { detail: `ollama: ${chunk.error}` });
    const message = isObject(chunk.message) ? chunk.message : {};
    if (typeof message.thinking === "string") thinking += message.thinking;
    if (typeof message.content === "string" && message.content !== "") {
      text += message.content;
      context.onText(message.content);
    }
    for (const call of isList(message.tool_calls) ? message.tool_calls : []) calls.push(toCall(call, calls.length));
    if (chunk.done === true) return toReply(text, thinking, calls, chunk);
  }
  throw failure("communication", { detail: "ollama: the answer ended before it was done" });
}

function toReply(text: string, thinking: string, calls: readonly AssistantPart[], last: JsonObject): ModelReply {
  const count = (value: Json | undefined) => (typeof value === "number" ? value : 0);
  const reason = String(last.done_reason ?? "stop");
  return {
    parts: [
      ...(thinking === "" ? [] : [{ kind: "reasoning", text: thinking } as const]),
      ...(text === "" ? [] : [{ kind: "text", text } as const]),
      ...calls,
    ],
    finish: reason === "stop" && calls.length > 0 ? "tool-calls" : reason,
    usage: {
      inputTokens: count(last.prompt_eval_count),
      outputTokens: count(last.eval_count),
      cachedInputTokens: 0,
    },
  };
}

/** Ollama gives calls no ids; ours only have to be different within one answer. */
function toCall(call: Json, index: number): AssistantPart {
  const called = isObject(call) && isObject(call.function) ? call.function : {};
  const given = isObject(call) && typeof call.id === "string" && call.id !== "" ? call.id : `call_${index}`;
  return {
    kind: "call",
    id: given,
    name: String(called.name ?? ""),
    arguments: typeof called.arguments === "string" ? called.arguments : JSON.stringify(called.arguments ?? {}),
  };
}
