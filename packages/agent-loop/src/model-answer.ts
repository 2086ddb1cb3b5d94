import type { Json } from "@stigmer/durable";
import { isList, isObject, type JsonObject, readObject, readText } from "./json-reader.ts";
import { readUsage, type Usage } from "./usage.ts";

/** A tool call that the model asks for. */
export interface ModelCall {
  readonly id: string;
  readonly name: string;
  readonly arguments: JsonObject;
  /** SHA-256 of the arguments in canonical form; what an approval would be bound to. */
  readonly argsHash: string;
  /** Why the arguments cannot be used, such as broken JSON; absent when they can. */
  readonly invalid?: string;
}

/** Result of a `model` effect. */
export interface ModelAnswer {
  /** Digest of the answer in the transcript; what was appended before stands below it. */
  readonly headRef: string;
  readonly text: string;
  /** `stop`, `tool-calls`, `length`, `content-filter` or another word of the provider. */
  readonly finish: string;
  readonly calls: readonly ModelCall[];
  readonly usage: Usage;
  /** The structured result; absent without a schema or when it is not valid. */
  readonly data: Json | undefined;
  /** What is wrong with the structured result; empty when nothing is. */
  readonly problems: readonly string[];
}

/** Reads what a `model` effect gave. */
export function readModelAnswer(value: Json): ModelAnswer {
  const answer = readObject(value, "the model's answer");
  return {
    headRef: readText(answer, "headRef", "answer"),
    text: typeof answer.text === "string" ? answer.text : "",
    finish: typeof answer.finish === "string" ? answer.finish : "other",
    calls: (isList(answer.calls) ? answer.calls : []).filter(isObject).map(readCall),
    usage: readUsage(answer.usage),
    data: answer.data,
    problems: (isList(answer.problems) ? answer.problems : []).map(String),
  };
}

function readCall(call: JsonObject): ModelCall {
  return {
    id: readText(call, "id", "call"),
    name: readText(call, "name", "call"),
    arguments: isObject(call.arguments) ? call.arguments : {},
    argsHash: readText(call, "argsHash", "call"),
    ...(typeof call.invalid === "string" ? { invalid: call.invalid } : {}),
  };
}
