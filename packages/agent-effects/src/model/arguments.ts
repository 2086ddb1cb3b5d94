import type { Json } from "@stigmer/durable";
import { isList, isObject, type JsonObject } from "@stigmer/effects";
import { digestOf } from "../blobs.ts";

/** Arguments of a tool call, or what is wrong with them. */
export type ParsedArguments =
  | { readonly value: JsonObject; readonly problem?: undefined }
  | { readonly value?: undefined; readonly problem: string };

/** Reads the JSON text that a model wrote; nothing means no arguments, and a trailing comma is forgiven. */
export function parseArguments(text: string): ParsedArguments {
  if (text.trim() === "") return { value: {} };
  const parsed = parse(text) ?? parse(text.replace(/,(\s*[}\]])/g, "$1"));
  if (parsed === undefined) return { problem: `they are no JSON: ${text.slice(0, 200)}` };
  return isObject(parsed.value) ? { value: parsed.value } : { problem: "they must be a JSON object" };
}

/** Digest of a value in canonical form: names sorted, no blanks. */
export function hashJson(value: Json): string {
  return digestOf(canonicalText(value));
}

function canonicalText(value: Json): string {
  if (isList(value)) return `[${value.map(canonicalText).join(",")}]`;
  if (!isObject(value)) return JSON.stringify(value);
  const members = Object.keys(value)
    .sort()
    .map((name) => `${JSON.stringify(name)}:${canonicalText(value[name] ?? null)}`);
  return `{${members.join(",")}}`;
}

function parse(text: string): { readonly value: Json } | undefined {
  try {
    return { value: JSON.parse(text) as Json };
  } catch {
    return undefined;
  }
}
