import { setTimeout as sleep } from "node:timers/promises";
import type { Json } from "@stigmer/durable";
import { asText, evaluateExpression, failure, InputReader, isList, isObject, type JsonObject } from "@stigmer/effects";
import type { AssistantPart, Message } from "../transcript.ts";
import { broken, refusal } from "./model-failure.ts";
import type { AnswerContext, ModelProvider, ModelReply, ModelRequest, ProviderParams } from "./model-provider.ts";

/**
 * A model without a model, for demonstrations and tests: it says the turns of a list, one per answer. Which turn comes
 * next depends on the conversation alone, so a repeated question gets the same answer.
 *
 *     model:
 *       provider: scripted
 *       loop: true                                   # begin again after the last turn
 *       turns:
 *         - toolCalls: [{name: read_file, arguments: {path: notes.md}}]
 *         - expect: milk                             # must stand in the last message
 *           text: 'I have read ${ .last }'           # `.last`: text of the last message; `.results`: of its tool results
 *           usage: {inputTokens: 12, outputTokens: 3}
 *         - output: {mood: good}                     # a structured result; `text` is its JSON
 *           delay: 50                                # ms, spread over the text
 *         - error: {status: 429, retryAfterMs: 100, times: 2}   # then the rest of this turn
 */
export function createScriptedModel({ settings }: ProviderParams): ModelProvider {
  const script = new InputReader("model: scripted", settings.rest);
  const turns = script.list("turns");
  const loops = script.flag("loop");
  return {
    async answer(request, context) {
      const turn = findTurn(turns, loops, request.messages);
      const said = describeLast(request.messages);
      failAsTold(turn, context);
      requireExpected(turn, said);
      const text = toText(turn, said);
      await speak(text, turn, context);
      return toReply(turn, text, said, request);
    },
  };
}

function findTurn(turns: readonly Json[], loops: boolean, messages: readonly Message[]): InputReader {
  const done = messages.filter((message) => message.role === "assistant").length;
  const turn = turns[loops && turns.length > 0 ? done % turns.length : done];
  if (turn !== undefined) return new InputReader(`turn ${done + 1} of the script`, turn);
  throw failure("configuration", {
    detail: `The scripted model has ${turns.length} turns and is asked for turn ${done + 1}; add one, or set "loop: true"`,
    retryable: false,
  });
}

/** What the last message says, for expectations and expressions. */
interface Said {
  readonly last: string;
  readonly results: readonly string[];
}

function describeLast(messages: readonly Message[]): Said {
  const last = messages.at(-1);
  switch (last?.role) {
    case "tool": {
      const results = last.results.map((result) => result.text ?? "");
      return { last: results.join("\n"), results };
    }
    case "user":
      return { last: last.text, results: [] };
    case "assistant":
    case undefined:
      return { last: "", results: [] };
  }
}

function failAsTold(turn: InputReader, context: AnswerContext): void {
  const error = turn.map("error");
  const times = typeof error.times === "number" ? error.times : 1;
  if (Object.keys(error).length === 0 || context.attempt > times) return;
  const retryAfter = typeof error.retryAfterMs === "number" ? { "retry-after-ms": String(error.retryAfterMs) } : {};
  throw refusal({
    provider: "scripted",
    status: typeof error.status === "number" ? error.status : 500,
    message: asText(error.message ?? "as the script says"),
    headers: retryAfter,
  });
}

function requireExpected(turn: InputReader, said: Said): void {
  const expected = turn.optionalText("expect");
  if (expected === undefined || said.last.includes(expected)) return;
  throw failure("validation", {
    detail: `The script expects "${expected}" in the last message, which says: ${said.last.slice(0, 300)}`,
    retryable: false,
  });
}

function toText(turn: InputReader, said: Said): string {
  const output = turn.value("output");
  if (output !== undefined) return JSON.stringify(fill(output, said));
  return asText(fill(turn.optionalText("text") ?? "", said));
}

/** Replaces `${ expression }`, whole or inside a text, by what it gives. */
function fill(value: Json, said: Said): Json {
  if (typeof value === "string") {
    const whole = /^\s*\$\{([\s\S]*)\}\s*$/.exec(value);
    const data = { last: said.last, results: said.results };
    if (whole && !whole[1]?.includes("${")) return evaluateExpression(whole[1] ?? "", data, {});
    return value.replace(/\$\{([^}]*)\}/g, (_, expression: string) => asText(evaluateExpression(expression, data, {})));
  }
  if (isList(value)) return value.map((item) => fill(item, said));
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, fill(item, said)]));
}

/** Says the text word by word, the delay spread evenly. */
async function speak(text: string, turn: InputReader, context: AnswerContext): Promise<void> {
  const words = text.match(/\s*\S+|\s+$/g) ?? [];
  const delayMs = Number(turn.value("delay") ?? 0);
  try {
    if (words.length === 0 && delayMs > 0) await sleep(delayMs, undefined, { signal: context.signal });
    for (const word of words) {
      if (delayMs > 0) await sleep(delayMs / words.length, undefined, { signal: context.signal });
      context.onText(word);
    }
  } catch (error) {
    throw broken("scripted", error, context.signal);
  }
}

function toReply(turn: InputReader, text: string, said: Said, request: ModelRequest): ModelReply {
  const calls = turn.list("toolCalls").map((call, index) => toCall(call, index, said));
  const usage = turn.map("usage");
  const count = (value: Json | undefined, otherwise: number) => (typeof value === "number" ? value : otherwise);
  return {
    parts: [...(text === "" ? [] : [{ kind: "text", text } as const]), ...calls],
    finish: turn.optionalText("finish") ?? (calls.length > 0 ? "tool-calls" : "stop"),
    usage: {
      inputTokens: count(usage.inputTokens, estimateTokens(JSON.stringify(request.messages))),
      outputTokens: count(usage.outputTokens, estimateTokens(text) + calls.length),
      cachedInputTokens: count(usage.cachedInputTokens, 0),
    },
  };
}

function toCall(call: Json, index: number, said: Said): AssistantPart {
  const reader = new InputReader("toolCalls of the script", call);
  const given: JsonObject | string = isObject(reader.value("arguments"))
    ? reader.map("arguments")
    : asText(reader.value("arguments") ?? "");
  return {
    kind: "call",
    id: reader.optionalText("id") ?? `call_${index}`,
    name: reader.text("name"),
    // Text is taken as it is: so a script can write broken JSON.
    arguments: typeof given === "string" ? given : JSON.stringify(fill(given, said)),
  };
}

function estimateTokens(text: string): number {
  return Math.ceil(text.length / 4);
}
