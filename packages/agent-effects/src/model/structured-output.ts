import type { Json } from "@stigmer/durable";
import { validateSchema } from "@stigmer/effects";

/** A structured result, or what is wrong with it. */
export interface StructuredOutput {
  readonly data?: Json;
  readonly problems: readonly string[];
}

/** What a model is told when its final answer must be data. */
export function schemaInstructions(schema: Json): string {
  return `Your final answer must be exactly one JSON value that fits this JSON Schema, without any other words:\n${JSON.stringify(schema)}`;
}

/** Reads the data out of an answer, also from a fenced block or from between other words, and checks it. */
export function readStructuredOutput(text: string, schema: Json): StructuredOutput {
  const candidates = [text, fenced(text), braced(text)];
  for (const candidate of candidates) {
    const data = candidate === undefined ? undefined : parse(candidate);
    if (data === undefined) continue;
    const problems = validateSchema(schema, data.value, { maxProblems: 10 });
    if (problems.length === 0) return { data: data.value, problems: [] };
    return { problems: problems.map(({ pointer, message }) => `${pointer === "" ? "the value" : pointer} ${message}`) };
  }
  return { problems: [text.trim() === "" ? "it is empty" : "it is no JSON"] };
}

function fenced(text: string): string | undefined {
  const begin = text.indexOf("```");
  const line = begin < 0 ? -1 : text.indexOf("\n", begin);
  const end = line < 0 ? -1 : text.indexOf("```", line);
  return end < 0 ? undefined : text.slice(line + 1, end);
}

function braced(text: string): string | undefined {
  const begin = text.search(/[{[]/);
  const end = Math.max(text.lastIndexOf("}"), text.lastIndexOf("]"));
  return begin < 0 || end <= begin ? undefined : text.slice(begin, end + 1);
}

function parse(text: string): { readonly value: Json } | undefined {
  try {
    return { value: JSON.parse(text.trim()) as Json };
  } catch {
    return undefined;
  }
}
