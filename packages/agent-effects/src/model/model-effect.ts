import type { Json } from "@stigmer/durable";
import { type EffectContext, InputReader, isObject, type JsonObject, type SensitiveValues } from "@stigmer/effects";
import type { Toolboxes, ToolEntry } from "../tools/toolboxes.ts";
import { type AssistantPart, type Message, readMessage, type Transcripts } from "../transcript.ts";
import { hashJson, parseArguments } from "./arguments.ts";
import type { ModelReply, ModelRequest, ModelSettings } from "./model-provider.ts";
import { findProvider } from "./providers.ts";
import { readModelSettings } from "./read-model-settings.ts";
import { readStructuredOutput, schemaInstructions } from "./structured-output.ts";

/** What all model calls of a process share. */
export interface ModelEffectOptions {
  readonly transcripts: Transcripts;
  readonly toolboxes: Toolboxes;
  readonly fetch: typeof globalThis.fetch;
}

/**
 * Does a `model` effect: appends the new messages to the conversation, asks the model, streams its words, and appends
 * the answer.
 *
 * Input: `{model, instructions, head, append: […], toolsRef, remainingTokens?, outputSchema?}`. Result:
 * `{headRef, text, finish, calls: [{id, name, arguments, argsHash, invalid?}], usage, data?, problems?}`.
 */
export async function callModel(
  input: Json,
  context: EffectContext,
  sensitive: SensitiveValues,
  options: ModelEffectOptions,
): Promise<Json> {
  const reader = new InputReader("model", input);
  const settings = await readModelSettings(reader.map("model"), context, sensitive);
  const { transcripts } = options;
  const appended = reader.list("append").map(readMessage);
  const before = reader.optionalText("head") ?? null;
  const head = appended.length === 0 ? before : await transcripts.append(before, appended);
  const tools = await options.toolboxes.load(reader.optionalText("toolsRef"));
  const request: ModelRequest = {
    instructions: instructions(reader),
    messages: await withTexts(closeCalls(await transcripts.load(head)), transcripts),
    tools,
    outputSchema: reader.value("outputSchema"),
    maxOutputTokens: outputLimit(settings, reader.value("remainingTokens")),
  };
  const provider = await findProvider(settings.provider).create({ settings, fetch: options.fetch });
  const reply = await provider.answer(request, {
    signal: context.signal,
    attempt: attemptOf(context),
    onText: counted(context),
  });
  const headRef = await transcripts.append(head, [{ role: "assistant", parts: reply.parts }]);
  return toResult(headRef, reply, tools, request.outputSchema);
}

function instructions(reader: InputReader): string {
  const schema = reader.value("outputSchema");
  const own = reader.text("instructions");
  return schema === undefined ? own : `${own}\n\n${schemaInstructions(schema)}`;
}

/** Gives every call without a result one: an old conversation may have been cut off between the two. */
function closeCalls(messages: readonly Message[]): readonly Message[] {
  return messages.flatMap((message, index): Message[] => {
    if (message.role !== "assistant") return [message];
    const calls = message.parts.filter((part) => part.kind === "call");
    if (calls.length === 0 || messages[index + 1]?.role === "tool") return [message];
    const results = calls.map((call) => ({
      callId: call.id,
      tool: call.name,
      outcome: "unknown",
      text: "There is no result: the turn ended here.",
    }));
    return [message, { role: "tool" as const, results }];
  });
}

/** Tool results with their text in place. */
function withTexts(messages: readonly Message[], transcripts: Transcripts): Promise<readonly Message[]> {
  return Promise.all(
    messages.map(async (message) => {
      if (message.role !== "tool") return message;
      const results = await Promise.all(
        message.results.map(async ({ ref, ...result }) =>
          ref === undefined ? result : { ...result, text: await transcripts.text(ref) },
        ),
      );
      return { role: "tool" as const, results };
    }),
  );
}

/** Below this many remaining tokens the model is told how long its answer may be. */
const SCARCE_TOKENS = 16_000;
/** Anthropic wants a limit in every request, and the package's own is low for models that it does not know. */
const ANTHROPIC_TOKENS = 8_192;

function outputLimit(settings: ModelSettings, remaining: Json | undefined): number | undefined {
  const own = settings.maxOutputTokens ?? (settings.provider === "anthropic" ? ANTHROPIC_TOKENS : undefined);
  if (typeof remaining !== "number" || remaining >= SCARCE_TOKENS) return own;
  return Math.max(1, Math.min(own ?? remaining, remaining));
}

/** The program counts its tries in the key (`model/3#2`), because each is an effect of its own. */
function attemptOf(context: EffectContext): number {
  return Number(/#(\d+)$/.exec(context.key)?.[1] ?? 1);
}

function counted(context: EffectContext): (text: string) => void {
  let offset = 0;
  return (text) => {
    context.onToken?.(offset, text);
    offset += text.length;
  };
}

function toResult(headRef: string, reply: ModelReply, tools: readonly ToolEntry[], schema: Json | undefined): Json {
  const text = reply.parts.map((part) => (part.kind === "text" ? part.text : "")).join("");
  const calls = reply.parts.filter((part) => part.kind === "call").map((part) => toCall(part, tools));
  const output = schema === undefined || calls.length > 0 ? undefined : readStructuredOutput(text, schema);
  return {
    headRef,
    text,
    finish: reply.finish,
    calls,
    usage: { ...reply.usage },
    ...(output?.data === undefined ? {} : { data: output.data }),
    ...(output === undefined ? {} : { problems: output.problems }),
  };
}

function toCall(part: Extract<AssistantPart, { kind: "call" }>, tools: readonly ToolEntry[]): JsonObject {
  const parsed = parseArguments(part.arguments);
  const tool = tools.find((candidate) => candidate.name === part.name);
  const value = isObject(parsed.value) ? parsed.value : {};
  const problem = parsed.problem ?? tool?.check(value);
  return {
    id: part.id,
    name: part.name,
    arguments: value,
    argsHash: hashJson(value),
    ...(problem === undefined ? {} : { invalid: problem }),
  };
}
